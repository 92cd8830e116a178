import { type Answer, type ApiServer, request } from "../api-server.ts";

export const PATCHES = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

/** The fields of an answer that tests read, whatever its kind. */
export interface Body {
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly message?: string;
  readonly items?: readonly Body[];
  readonly [field: string]: unknown;
}

export interface Reply {
  readonly status: number;
  readonly body: Body;
  readonly headers: Answer["headers"];
}

export interface Calls {
  get(path: string): Promise<Reply>;
  create(path: string, object: object): Promise<Reply>;
  replace(path: string, object: object): Promise<Reply>;
  patch(path: string, how: keyof typeof PATCHES, patch: unknown): Promise<Reply>;
  delete(path: string, options?: object): Promise<Reply>;
}

const asReply = (answer: Answer): Reply => ({ ...answer, body: answer.body as Body });

/** The requests of the suites, as the user whose token `server` has. */
export const callsTo = (server: ApiServer): Calls => ({
  get: async (path) => asReply(await request(server, "GET", path)),
  create: async (path, object) => asReply(await request(server, "POST", path, object)),
  replace: async (path, object) => asReply(await request(server, "PUT", path, object)),
  patch: async (path, how, patch) => asReply(await request(server, "PATCH", path, patch, PATCHES[how])),
  delete: async (path, options) => asReply(await request(server, "DELETE", path, options)),
});

export const namesIn = ({ body }: Reply): string[] => (body.items ?? []).map(({ metadata }) => metadata.name);
