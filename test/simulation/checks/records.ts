/** Promises 1 to 3: no instance too many, none without a record, and legal transitions only. */
import { mayFollow } from "../../../shared/model/instance-state.ts";
import type { TableWrite } from "../../shared/in-memory-documents.ts";
import { type Command, nameOf } from "../sdk.ts";
import { allRecords, asRecord, LIVING, livingOf, recordsOf, type StoredRecord } from "../state.ts";
import type { SimulatedWorld } from "../world.ts";
import { type Check, describeCall, type Violate } from "./check.ts";

/** A reconcile decides by the size that it has read; it ends within a function's timeout. */
const SIZE_MEMORY_MS = 60_000;

/** Longer than any read of EC2 lags behind. */
const LONGEST_LAG_MS = 60_000;

interface RunInput {
  readonly ClientToken: string;
  readonly MaxCount: number;
  readonly TagSpecifications: readonly { readonly Tags: readonly { readonly Key: string; readonly Value: string }[] }[];
}

const poolIn = ({ TagSpecifications }: RunInput): string =>
  TagSpecifications[0]?.Tags.find(({ Key }) => Key === "stratos.sh/pool")?.Value ?? "";

/** The largest size that each pool had lately. */
const trackSizes = ({ store, clock }: SimulatedWorld) => {
  const sizes = new Map<string, { readonly size: number; until: number }[]>();
  store.subscribe("nodepools.stratos.sh", ({ type, object }) => {
    const { name } = object.metadata;
    const known = sizes.get(name) ?? [];
    for (const entry of known) entry.until = Math.min(entry.until, clock.now() + SIZE_MEMORY_MS);
    const size = Number((object.spec as { poolSize?: number }).poolSize ?? 0);
    sizes.set(name, [...known, { size, until: type === "DELETED" ? clock.now() + SIZE_MEMORY_MS : Infinity }]);
  });
  return (pool: string): number =>
    Math.max(0, ...(sizes.get(pool) ?? []).filter(({ until }) => until > clock.now()).map(({ size }) => size));
};

/** The tokens of launches that were recorded before the table was lost: EC2 may be called with them afterwards. */
const trackLost = ({ documents, hooks }: SimulatedWorld) => {
  const recorded = new Set<string>();
  const lost = new Set<string>();
  const { onWrite } = documents;
  documents.onWrite = (write) => {
    const { token } = asRecord(write.after) ?? {};
    if (token !== undefined) recorded.add(token);
    onWrite(write);
  };
  hooks.onTableLost.add(() => {
    for (const token of recorded) lost.add(token);
  });
  return (token: string): boolean => lost.has(token);
};

const checkWrite = (world: SimulatedWorld, violate: Violate, { before, after }: TableWrite): void => {
  const [old, now] = [asRecord(before), asRecord(after)];
  const who = describeCall(world.calls.current());
  if (old && now && old.state !== now.state && !mayFollow(old.state, now.state))
    violate("transitions", `${who} moved ${now.instanceId} from ${old.state} to ${now.state}`);
  if (old && now && now.version !== old.version + 1)
    violate("records", `${who} wrote version ${now.version} of slot ${now.slot} over version ${old.version}`);
  if (now?.instanceId && now.instanceId !== old?.instanceId) {
    const slots = allRecords(world).filter(({ instanceId }) => instanceId === now.instanceId);
    if (slots.length > 1) violate("2", `${who} gave ${now.instanceId} ${slots.length} slots`);
  }
  if (old && !now) checkReleased(world, violate, old);
};

const checkReleased = (
  world: SimulatedWorld,
  violate: Violate,
  { slot, instanceId, token, pool }: StoredRecord,
): void => {
  const others = recordsOf(world, pool);
  const left = world.ec2.world.instances
    .all()
    .filter(({ state }) => LIVING.includes(state))
    .filter(({ id, clientToken }) => (instanceId === undefined ? clientToken === token : id === instanceId))
    .filter(({ id }) => !others.some((record) => record.instanceId === id))
    .filter(
      ({ clientToken }) => !others.some((record) => record.instanceId === undefined && record.token === clientToken),
    );
  for (const { id, state } of left)
    violate("2", `${describeCall(world.calls.current())} released slot ${slot} of ${id}, which is ${state}`);
};

const checkLaunch = (
  world: SimulatedWorld,
  violate: Violate,
  { sizeOf, isLost }: { readonly sizeOf: (pool: string) => number; readonly isLost: (token: string) => boolean },
  input: RunInput,
): void => {
  const who = describeCall(world.calls.current());
  const pool = poolIn(input);
  if (!world.store.get("nodepools.stratos.sh", pool)) violate("2", `${who} launched for the pool "${pool}"`);
  const { ClientToken: token, MaxCount: count } = input;
  const intents = recordsOf(world, pool).filter((record) => record.token === token).length;
  const launched = world.ec2.world.instances.all().filter(({ clientToken }) => clientToken === token);
  const isNew = launched.every(({ boot, stateSince }) => boot === 1 && stateSince === world.clock.now());
  if (isNew && intents < launched.length && !isLost(token))
    violate("3", `${who} launched ${launched.length} of ${count} instances with ${token} for ${intents} records`);
  // Without the table, only EC2 tells what a pool has, and it may not show a new instance yet.
  const isUnknown = ({ clientToken, launchTime }: { readonly clientToken?: string; readonly launchTime: number }) =>
    isLost(clientToken ?? "") && launchTime > world.clock.now() - LONGEST_LAG_MS;
  const living = livingOf(world, pool).filter((instance) => !isUnknown(instance)).length;
  if (isNew && living > sizeOf(pool))
    violate("1", `${who} launched: ${living} instances in ${pool} of ${sizeOf(pool)}`);
};

export const checkRecords: Check = (world, violate) => {
  const sizeOf = trackSizes(world);
  world.documents.onWrite = (write) => checkWrite(world, violate, write);
  const isLost = trackLost(world);
  world.hooks.afterEc2.add((command: Command) => {
    if (nameOf(command) === "RunInstances") checkLaunch(world, violate, { sizeOf, isLost }, command.input as RunInput);
  });
};
