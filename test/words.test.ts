/** One idea, one word: former names that standard terms of Kubernetes, EC2, controller-runtime or Karpenter have replaced. */
import { describe, expect, test } from "vitest";
import { isIn, read, sources } from "./source-files.ts";

/** A pattern for the words that an identifier splits into, plurals included, and the name that replaced them. */
type Replacement = readonly [former: string, by: string];

const REPLACED: readonly Replacement[] = [
  ["doorbell", "WakeQueue"],
  ["ring", "markDirty"],
  ["wake at", "requeueAt"],
  ["told", "emitted, reported"],
  ["tell", "emit, report"],
  ["launch fresh", "launchReplacements"],
  ["stale", "drifted"],
  ["stray", "orphan"],
  ["uncalled", "startedExternally"],
  ["taken back", "reclaimed"],
  ["at rest", "standbyReset"],
  ["trouble", "failures, health"],
  ["troubled", "impaired"],
  ["shape for", "desiredNode"],
  ["shape node", "applyNode"],
  ["node shape", "DesiredNode"],
  ["capacity mark", "unavailableOfferings"],
  ["ask pool", "requestLaunches"],
  ["answer request", "fulfilLaunchRequest"],
  ["surrounding", "context"],
  ["journal", "UndoLog"],
  ["asleep", "startable"],
  ["compan(?:y|ie)", "AffinityGroup"],
  ["node face", "NodeAttributes"],
  ["pod class", "PodGroup"],
  ["class cloud", "NodeClassResources"],
  ["invalidit(?:y|ie)", "ValidationError"],
  ["hint", "wakeEvents"],
  ["guest", "kubelet simulator, machine"],
  ["front", "gateway"],
  ["shel(?:f|ve)", "collection, message store"],
  ["embedded", "environment"],
  ["(?<!collect )garbage(?! collect)", "unreadableMessages"],
];

/** Former names that are forbidden in these folders only, because elsewhere they have another meaning. */
const REPLACED_IN: readonly (readonly [folders: readonly string[], replacements: readonly Replacement[]])[] = [
  [
    ["shared/demand", "test/shared/demand"],
    [
      ["guard", "AntiAffinityGroup"],
      ["scene", "ClusterSnapshot"],
      ["held", "inFlight"],
      ["wanted", "requests"],
      ["face", "NodeAttributes"],
      ["shape", "NodeEquivalenceGroup"],
      ["refusal", "unschedulableReason"],
    ],
  ],
];

/** Fields of stored records. */
const ALLOWED = new Set(["nextWakeAt", "toldEvent"]);

/** Former names that a wire format requires in these files, or that mean something else there. */
const ALLOWED_IN: Readonly<Record<string, readonly string[]>> = {
  // An attribute of a stored item.
  "shared/state/warmup-failures-table.ts": ["trouble"],
  // A field of the pool's status.
  "shared/pool/status.ts": ["stale"],
  "test/shared/pool/status.test.ts": ["stale"],
  "test/shared/reconcilers/stories/replace-drifted-standby.test.ts": ["stale"],
  "test/simulation/checks/recovery.ts": ["stale"],
};

/** Comments, strings, regular expressions, numbers, identifiers, and the delimiters of templates and blocks. */
const CODE =
  /\/\/.*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|(?<=(?:[([{,;:=!&|?>]|\breturn)\s*)\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*|\d[\w.]*|[A-Za-z_$][\w$]*|[`{}]/g;
const TEMPLATE = /\\[\s\S]|\$\{|`/g;

/** The identifiers in TypeScript code, without comments, strings and regular expressions, but with the expressions in templates. */
const identifiersOf = (code: string): string[] => {
  const found: string[] = [];
  // The braces and backticks that are still open, innermost last.
  const open: string[] = [];
  let at = 0;
  for (;;) {
    const inTemplate = open.at(-1) === "`";
    const pattern = inTemplate ? TEMPLATE : CODE;
    pattern.lastIndex = at;
    const token = pattern.exec(code)?.[0];
    if (token === undefined) return found;
    at = pattern.lastIndex;
    if (token === "}" || (token === "`" && inTemplate)) open.pop();
    else if (token === "`") open.push("`");
    else if (token === "{" || token === "${") open.push("{");
    else if (!inTemplate && /^[A-Za-z_$]/.test(token)) found.push(token);
  }
};

const wordsOf = (identifier: string): string =>
  identifier.replaceAll(/(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_$]+/g, " ").toLowerCase();

interface Rule {
  readonly pattern: RegExp;
  readonly by: string;
}

const rulesOf = (replacements: readonly Replacement[]): Rule[] =>
  replacements.map(([former, by]) => ({ pattern: new RegExp(`\\b${former}s?\\b`), by }));

const everywhere = rulesOf(REPLACED);
const inFolders = REPLACED_IN.map(([folders, replacements]) => ({ folders, rules: rulesOf(replacements) }));

const replacementOf = (identifier: string, path = ""): string | undefined => {
  const local = inFolders.filter(({ folders }) => isIn(path, folders)).flatMap(({ rules }) => rules);
  const words = wordsOf(identifier);
  return [...everywhere, ...local].find(({ pattern }) => pattern.test(words))?.by;
};

const isAllowed = (path: string, identifier: string): boolean =>
  ALLOWED.has(identifier) ||
  Object.entries(ALLOWED_IN).some(([place, identifiers]) => isIn(path, [place]) && identifiers.includes(identifier));

describe("identifiers", () => {
  test("are distinguished from text", () => {
    const code = `const a = \`it's \${b({ c: 'd' })} // e \${\`f \${g}\`}\`; // h
return /i'\`/.test(j) ? 0x1f : 'k'; /* l */ m;`;
    expect(identifiersOf(code)).toEqual(["const", "a", "b", "c", "g", "return", "test", "j", "m"]);
  });

  test("are split into words", () => {
    expect(["nextWakeAt", "WAKE_AT", "EC2Guests", "frontier"].map((identifier) => replacementOf(identifier))).toEqual([
      "requeueAt",
      "requeueAt",
      "kubelet simulator, machine",
      undefined,
    ]);
  });

  test("use the words of the glossary", () => {
    const old = sources.flatMap((path) =>
      [...new Set(identifiersOf(read(path)))]
        .filter((identifier) => !isAllowed(path, identifier))
        .map((identifier) => ({ path, identifier, by: replacementOf(identifier, path) }))
        .filter(({ by }) => by !== undefined)
        .map(({ path, identifier, by }) => `${path}: ${identifier} (use: ${by})`),
    );
    expect(old).toEqual([]);
  });

  test("are allowed only in files that use them", () => {
    const unused = Object.entries(ALLOWED_IN).flatMap(([place, identifiers]) => {
      const used = new Set(sources.filter((path) => isIn(path, [place])).flatMap((path) => identifiersOf(read(path))));
      return identifiers.filter((identifier) => !used.has(identifier)).map((identifier) => `${place}: ${identifier}`);
    });
    expect(unused).toEqual([]);
  });
});
