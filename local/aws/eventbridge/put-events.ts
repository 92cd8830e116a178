import type { Action, Input } from "../gateway/aws-json.ts";
import { ACCOUNT, CloudError, type CloudRequest } from "../gateway/service.ts";
import { conditionsOf } from "./bus-policies.ts";
import type { BusEntry } from "./entry.ts";
import { busNameOf } from "./rule-actions.ts";
import type { RuleBook } from "./rule-book.ts";

const MAX_ENTRIES = 10;
/** 1 MB since January 2026; 256 KB before. */
const MAX_REQUEST_BYTES = 1_048_576;

/** Throws AccessDenied unless the account may send the event to the bus. */
type Admit = (
  busName: string,
  account: string,
  event: { readonly source?: string; readonly detailType?: string },
) => void;

/**
 * PutEvents: fails as a whole unless the caller may put every entry; a malformed entry fails on its own.
 * (EventBridge API reference, PutEvents and PutEventsResultEntry.)
 */
export const putEventsAction =
  (put: (busName: string, entry: BusEntry) => string, book: RuleBook, admit: Admit): Action =>
  (input, request) => {
    const entries = checkedEntries(input);
    for (const entry of entries) authorizeEntry(entry, book, request, admit);
    const results = entries.map((entry) => putOne(put, entry, book));
    return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
  };

const checkedEntries = (input: Input): Input[] => {
  const entries = Array.isArray(input.Entries) ? (input.Entries as Input[]) : [];
  if (entries.length < 1 || entries.length > MAX_ENTRIES) {
    const constraint = `Member must have length between 1 and ${MAX_ENTRIES}`;
    const message = `1 validation error detected: Value at 'entries' failed to satisfy constraint: ${constraint}`;
    throw new CloudError("ValidationException", message);
  }
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_REQUEST_BYTES) {
    throw new CloudError("ValidationException", "Total size of the entries in the request is over the limit.");
  }
  return entries;
};

/** An entry's size as defined in the user guide: 14 bytes for the time, plus the UTF-8 length of everything else. */
const sizeOf = (entry: Input): number => {
  const resources = Array.isArray(entry.Resources) ? entry.Resources : [];
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...resources].filter((text) => typeof text === "string");
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), entry.Time === undefined ? 0 : 14);
};

/** The caller's own account must allow it, and if the bus is another's, that one's policy, too. */
const authorizeEntry = (entry: Input, book: RuleBook, request: CloudRequest, admit: Admit): void => {
  const busName = busNameOf(entry.EventBusName);
  const event = { source: text(entry.Source), detailType: text(entry.DetailType) };
  request.authorize("events:PutEvents", [book.busArn(busName)], conditionsOf(event));
  admit(busName, request.principal.account ?? ACCOUNT, event);
};

type Result = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

const putOne = (put: (bus: string, entry: BusEntry) => string, entry: Input, book: RuleBook): Result => {
  const [source, detailType] = [text(entry.Source), text(entry.DetailType)];
  if (!source) return required("Source");
  if (!detailType) return required("DetailType");
  if (source.startsWith("aws.")) {
    return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
  }
  if (!text(entry.Detail)) return required("Detail");
  const detail = parseDetail(entry.Detail);
  if (!detail) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  const busName = busNameOf(entry.EventBusName);
  if (!book.busNames().includes(busName)) {
    return { ErrorCode: "InvalidArgument", ErrorMessage: `Event bus ${busName} does not exist.` };
  }
  const resources = Array.isArray(entry.Resources) ? entry.Resources.map(String) : [];
  const time = typeof entry.Time === "number" ? entry.Time * 1000 : undefined;
  return { EventId: put(busName, { source, detailType, detail, resources, time }) };
};

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const required = (name: string): Result => {
  const reason = `${name} is a required argument.`;
  return { ErrorCode: "InvalidArgument", ErrorMessage: `Parameter ${name} is not valid. Reason: ${reason}` };
};

/** Accepts only an object: EventBridge rejects a list, text or number as detail. */
const parseDetail = (detail: unknown): object | undefined => {
  try {
    const parsed: unknown = JSON.parse(String(detail));
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
};
