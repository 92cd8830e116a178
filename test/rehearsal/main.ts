/** `npm run rehearse`: the whole life cycle of a deployment against moto, with a report. */
import { parseArgs } from "node:util";
import { rehearse } from "./rehearse.ts";
import { problemsOf, report } from "./report.ts";

const USAGE = `usage: npm run rehearse

Bootstraps, deploys, compares and destroys the stack against moto on this machine; needs no account.
Needs: pip install "moto[server]==5.2.1" cfn-lint awscli
`;

const { values } = parseArgs({ options: { help: { type: "boolean", short: "h", default: false } } });
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}

const rehearsal = await rehearse((text) => process.stdout.write(`${text}…\n`));
process.stdout.write(report(rehearsal));
if (problemsOf(rehearsal).length > 0) process.exitCode = 1;
