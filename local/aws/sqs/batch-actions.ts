import type { Action, Input } from "../gateway/aws-json.ts";
import { CloudError } from "../gateway/service.ts";
import {
  checkedBody,
  MAX_MESSAGE_BYTES,
  numberIn,
  type QueueDirectory,
  queueFor,
  readMessageAttributes,
  sent,
} from "./request.ts";

const MAX_ENTRIES = 10;

/** The batch versions of send, delete and change visibility: each entry succeeds or fails on its own. */
export const batchActions = (directory: QueueDirectory): Record<string, Action> => ({
  SendMessageBatch: (input, request) => {
    const queue = queueFor(directory, "SendMessage", input, request);
    const entries = checkedEntries(input);
    const bytes = entries.reduce((sum, entry) => sum + Buffer.byteLength(String(entry.MessageBody ?? "")), 0);
    if (bytes > MAX_MESSAGE_BYTES) {
      const message = `Batch requests cannot be longer than ${MAX_MESSAGE_BYTES} bytes.`;
      throw new CloudError("BatchRequestTooLong", message);
    }
    return eachEntry(entries, (entry) => {
      const delaySeconds = numberIn(entry, "DelaySeconds", 0, 900);
      const attributes = readMessageAttributes(entry);
      return sent(queue.send(checkedBody(entry), { delaySeconds, attributes, senderId: request.principal.arn }));
    });
  },

  DeleteMessageBatch: (input, request) => {
    const queue = queueFor(directory, "DeleteMessage", input, request);
    return eachEntry(checkedEntries(input), (entry) => {
      queue.delete(String(entry.ReceiptHandle ?? ""));
      return {};
    });
  },

  ChangeMessageVisibilityBatch: (input, request) => {
    const queue = queueFor(directory, "ChangeMessageVisibility", input, request);
    return eachEntry(checkedEntries(input), (entry) => {
      const seconds = numberIn(entry, "VisibilityTimeout", 0, 43_200) ?? 0;
      queue.changeVisibility(String(entry.ReceiptHandle ?? ""), seconds * 1000);
      return {};
    });
  },
});

const checkedEntries = (input: Input): readonly Input[] => {
  const entries = Array.isArray(input.Entries) ? (input.Entries as Input[]) : [];
  if (entries.length === 0) {
    throw new CloudError("EmptyBatchRequest", "There should be at least one entry in the request.");
  }
  if (entries.length > MAX_ENTRIES) {
    const message = `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`;
    throw new CloudError("TooManyEntriesInBatchRequest", message);
  }
  const ids = entries.map((entry) => String(entry.Id ?? ""));
  if (!ids.every((id) => /^[\w-]{1,80}$/.test(id))) {
    const message =
      "A batch entry id can only contain alphanumeric characters, hyphens and underscores. 1 to 80 in length.";
    throw new CloudError("InvalidBatchEntryId", message);
  }
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) throw new CloudError("BatchEntryIdsNotDistinct", `Id ${repeated} repeated.`);
  return entries;
};

const eachEntry = (entries: readonly Input[], act: (entry: Input) => object) => {
  const successful: object[] = [];
  const failed: object[] = [];
  for (const entry of entries) {
    try {
      successful.push({ Id: entry.Id, ...act(entry) });
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  // SQS omits an empty `Failed`; clients rely on that to recognize complete success.
  return failed.length > 0 ? { Successful: successful, Failed: failed } : { Successful: successful };
};
