import { unanswered } from "../open-launch-request.ts";
import { livingStrays, type Rule } from "../view.ts";
import { launchesHeldUntil } from "../warmup-backoff.ts";

/** Launches what demand asks for beyond standby. A request that is answered already is taken note of, so that it goes. */
export const launchForDemand: Rule = (view) => {
  const { request, deleting, nodeClass, now } = view;
  if (!request || deleting || nodeClass.kind !== "ready" || livingStrays(view).length > 0) return [];
  if (now < launchesHeldUntil(view)) return [];
  return [{ kind: "answerRequest", request: request.id, launches: unanswered(view) }];
};
