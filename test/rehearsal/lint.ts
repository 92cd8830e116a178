import { join } from "node:path";
import { readAssembly } from "../../local/aws/cloudformation/template.ts";
import { run } from "../contract/run-program.ts";

export interface Finding {
  readonly level: "Error" | "Warning" | "Informational";
  /** Such as `W3005`. */
  readonly rule: string;
  readonly message: string;
}

interface Match {
  readonly Level: Finding["level"];
  readonly Message: string;
  readonly Rule: { readonly Id: string };
}

/** What cfn-lint, which knows CloudFormation's own schemas, finds in the assembly's template. */
export const lint = async (assembly: string): Promise<Finding[]> => {
  const template = join(assembly, `${readAssembly(assembly).stackName}.template.json`);
  const { stdout, stderr } = await run("cfn-lint", ["--format", "json", "--regions", "us-east-1", "--", template], {});
  if (stdout === "") throw new Error(`cfn-lint says nothing: ${stderr}`);
  return (JSON.parse(stdout) as Match[]).map(({ Level, Message, Rule }) => ({
    level: Level,
    rule: Rule.Id,
    message: Message,
  }));
};
