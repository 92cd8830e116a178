import type { IncomingMessage } from "node:http";

/** No object and no page of 500 of them comes near this; more is a server gone wrong, and would fill the memory. */
const MOST_CHARACTERS = 256 * 1024 * 1024;

/** The whole body; `onData` is called at each piece of it. */
export const readText = async (response: IncomingMessage, onData: () => void = () => undefined): Promise<string> => {
  let text = "";
  for await (const piece of response.setEncoding("utf8")) {
    onData();
    text += piece;
    if (text.length > MOST_CHARACTERS) throw new Error("the response is too long");
  }
  return text;
};

/** Calls `onLine` for each line as it comes, in the same turn of the event loop, until the body ends. */
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
    const take = (piece: string) => {
      onData();
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > MOST_CHARACTERS) throw new Error("a line of the response is too long");
      for (const line of lines) if (line !== "") onLine(line);
    };
    response.setEncoding("utf8");
    response.on("data", (piece: string) => {
      try {
        take(piece);
      } catch (error) {
        fail(error);
      }
    });
    response.on("end", resolve);
    response.on("error", reject);
  });
