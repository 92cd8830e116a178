/** The simulated cloud's access keys: the account's root user and role sessions. */
import { randomBytes } from "node:crypto";
import { ACCOUNT, type Principal } from "./service.ts";

export interface AccessKey {
  readonly keyId: string;
  readonly secret: string;
  /** Set only for role sessions, whose every request must carry it. */
  readonly sessionToken: string | undefined;
  readonly principal: Principal;
}

export interface SignedCall {
  readonly key: AccessKey;
  /** `ec2:StartInstances`; `kubernetes` for every request to the API server. */
  readonly name: string;
}

export interface Credentials {
  find(keyId: string): AccessKey | undefined;
  /** Opens a session of a role, as `sts:AssumeRole` does; `account` is `ACCOUNT` by default. */
  assumeRole(roleName: string, sessionName: string, account?: string): AccessKey;
  /** Ends the session: its key becomes unknown, and responses still in flight are not sent. */
  revoke(keyId: string): void;
  /** Calls the listener for each correctly signed request before it is handled. Returns a function that stops listening. */
  onCall(listener: (call: SignedCall) => void): () => void;
  /** Notifies the listeners. */
  called(call: SignedCall): void;
}

/** The account's root user, who may do everything: for the AWS CLI (`AWS_ACCESS_KEY_ID=test`, `AWS_SECRET_ACCESS_KEY=test`). */
const ROOT: AccessKey = {
  keyId: "test",
  secret: "test",
  sessionToken: undefined,
  principal: { arn: `arn:aws:iam::${ACCOUNT}:root` },
};

export const createCredentials = (): Credentials => {
  const keys = new Map([[ROOT.keyId, ROOT]]);
  const listeners = new Set<(call: SignedCall) => void>();
  return {
    find: (keyId) => keys.get(keyId),
    assumeRole: (roleName, sessionName, account = ACCOUNT) => {
      const key: AccessKey = {
        keyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
        secret: randomBytes(30).toString("base64"),
        sessionToken: randomBytes(48).toString("base64"),
        principal: { arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`, roleName, account },
      };
      keys.set(key.keyId, key);
      return key;
    },
    revoke: (keyId) => void keys.delete(keyId),
    onCall: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    called: (call) => {
      for (const listener of listeners) listener(call);
    },
  };
};
