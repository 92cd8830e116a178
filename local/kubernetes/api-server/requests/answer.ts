import { methodNotAllowed, noSuchPath } from "../status-errors.ts";
import { answerBinding } from "../subresources/binding.ts";
import { answerEviction } from "../subresources/eviction.ts";
import { answerScale } from "../subresources/scale.ts";
import { answerToken } from "../subresources/token.ts";
import type { Answer, ResourceRequest } from "./context.ts";
import { answerCreate } from "./create.ts";
import { answerDelete, answerDeleteCollection } from "./delete.ts";
import { answerGet, answerList } from "./read.ts";
import type { Verb } from "./target.ts";
import { answerPatch, answerUpdate } from "./update.ts";

type Handler = (request: ResourceRequest) => Answer;
type Handlers = Partial<Record<Verb, Handler>>;

const MAIN: Handlers = {
  get: answerGet,
  list: answerList,
  create: answerCreate,
  update: answerUpdate,
  patch: answerPatch,
  delete: answerDelete,
  deletecollection: answerDeleteCollection,
};

const handlersOf = ({ type, target }: ResourceRequest): Handlers | undefined => {
  switch (target.subresource) {
    case undefined:
      return MAIN;
    case "status":
      return type.status ? { get: answerGet, update: answerUpdate, patch: answerPatch } : undefined;
    case "scale":
      return type.scale ? { get: answerScale, update: answerScale, patch: answerScale } : undefined;
    case "eviction":
      return type.name === "pods" ? { create: answerEviction } : undefined;
    case "binding":
      return type.name === "pods" ? { create: answerBinding } : undefined;
    case "token":
      return type.name === "serviceaccounts" ? { create: answerToken } : undefined;
    default:
      return undefined;
  }
};

/** Handles any resource request except a watch. Throws `KubeFailure`. */
export const answer = (request: ResourceRequest): Answer => {
  const handlers = handlersOf(request);
  if (!handlers) throw noSuchPath();
  const handler = handlers[request.target.verb];
  if (!handler) throw methodNotAllowed();
  return handler(request);
};
