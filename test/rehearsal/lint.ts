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

/** The findings of cfn-lint, which uses CloudFormation's schemas, in the assembly's template. */
export const lint = async (assembly: string): Promise<Finding[]> => {
  const template = join(assembly, `${readAssembly(assembly).stackName}.template.json`);
  const { stdout, stderr } = await run("cfn-lint", ["--format", "json", "--regions", "us-east-1", "--", template], {});
  if (stdout === "") throw new Error(`cfn-lint printed nothing: ${stderr}`);
  return (JSON.parse(stdout) as Match[]).map(({ Level, Message, Rule }) => ({
    level: Level,
    rule: Rule.Id,
    message: Message,
  }));
};
