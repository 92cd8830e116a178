/** `npm run rehearse`: a deployment's whole life against moto, and what is to be known of it. */
import { rehearse } from "./rehearse.ts";
import { problemsOf, report } from "./report.ts";

const rehearsal = await rehearse((text) => process.stdout.write(`${text}…\n`));
process.stdout.write(report(rehearsal));
if (problemsOf(rehearsal).length > 0) process.exitCode = 1;
