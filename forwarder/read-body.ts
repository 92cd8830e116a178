import type { IncomingMessage } from "node:http";

/** Far above any page of 500 objects: a longer body means a faulty server, and would exhaust the memory. */
const MAX_CHARACTERS = 256 * 1024 * 1024;

/** Reads the whole body; calls `onData` for each chunk. */
export const readText = async (response: IncomingMessage, onData: () => void = () => undefined): Promise<string> => {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    onData();
    text += chunk;
    if (text.length > MAX_CHARACTERS) throw new Error(`the response is longer than ${MAX_CHARACTERS} characters`);
  }
  return text;
};

/** Calls `onLine` for each line as it arrives, in the same turn of the event loop, until the body ends. */
export const readLines = (
  response: IncomingMessage,
  onLine: (line: string) => void,
  onData: () => void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    let rest = "";
    const fail = (error: unknown) => {
      response.destroy();
      reject(error);
    };
    const readChunk = (chunk: string) => {
      onData();
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > MAX_CHARACTERS) throw new Error(`a response line is longer than ${MAX_CHARACTERS} characters`);
      for (const line of lines) if (line !== "") onLine(line);
    };
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      try {
        readChunk(chunk);
      } catch (error) {
        fail(error);
      }
    });
    response.on("end", resolve);
    response.on("error", reject);
  });
