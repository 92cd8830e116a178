/** `npm run rehearse`: the whole life cycle of a deployment against moto, with a report. */
import { rehearse } from "./rehearse.ts";
import { problemsOf, report } from "./report.ts";

const rehearsal = await rehearse((text) => process.stdout.write(`${text}…\n`));
process.stdout.write(report(rehearsal));
if (problemsOf(rehearsal).length > 0) process.exitCode = 1;
