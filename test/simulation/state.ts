/** Reads the state of a simulated world, for checks. */
import type { Instance, State } from "../../local/aws/ec2/instance.ts";
import type { NodeObject, PodObject } from "../../local/kubernetes/objects/objects.ts";
import type { InstanceRecord } from "../../shared/model/instance-record.ts";
import { MANAGED_BY, TAG } from "../../shared/model/names.ts";
import { CLUSTER } from "./kube.ts";
import type { SimulatedWorld } from "./world.ts";

export const LIVING: readonly State[] = ["pending", "running", "stopping", "stopped"];

export type StoredRecord = InstanceRecord & { readonly pool: string };

const isSlot = ({ pk, sk }: Readonly<Record<string, unknown>>): boolean =>
  String(pk).startsWith("POOL#") && String(sk).startsWith("SLOT#");

export const asRecord = (item: Readonly<Record<string, unknown>> | undefined): StoredRecord | undefined =>
  item && isSlot(item) ? (item as unknown as StoredRecord) : undefined;

export const recordsOf = ({ documents }: SimulatedWorld, pool: string): readonly StoredRecord[] =>
  documents.partition(`POOL#${CLUSTER}/${pool}`).flatMap((item) => asRecord(item) ?? []);

export const allRecords = ({ documents }: SimulatedWorld): readonly StoredRecord[] =>
  documents.items().flatMap((item) => asRecord(item) ?? []);

export const tagsOf = ({ ec2 }: SimulatedWorld, id: string) => ec2.world.tags.of(id);

export const isManaged = (world: SimulatedWorld, id: string): boolean =>
  tagsOf(world, id)[TAG.managedBy] === MANAGED_BY;

export const poolOf = (world: SimulatedWorld, id: string): string | undefined => tagsOf(world, id)[TAG.pool];

export const instancesOf = (world: SimulatedWorld, pool: string): readonly Instance[] =>
  world.ec2.world.instances.all().filter(({ id }) => isManaged(world, id) && poolOf(world, id) === pool);

export const livingOf = (world: SimulatedWorld, pool: string): readonly Instance[] =>
  instancesOf(world, pool).filter(({ state }) => LIVING.includes(state));

export const nodesOf = ({ store }: SimulatedWorld): readonly NodeObject[] => store.list<NodeObject>("nodes");

export const podsOf = ({ store }: SimulatedWorld): readonly PodObject[] => store.list<PodObject>("pods");

export const instanceIdOf = ({ spec }: NodeObject): string => spec.providerID?.split("/").at(-1) ?? "";

export const nodeOf = (world: SimulatedWorld, instanceId: string): NodeObject | undefined =>
  nodesOf(world).find((node) => instanceIdOf(node) === instanceId);
