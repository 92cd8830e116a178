/** An ARN in the template as cdk-nag spells it in the ids of its findings: `<Queue.Arn>/index/*`. */
export const flatReference = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return String(value);
  const [[name, argument] = []] = Object.entries(value);
  if (name === "Fn::Join") {
    const [delimiter, parts] = argument as [string, unknown[]];
    return parts.map(flatReference).join(delimiter);
  }
  if (name === "Fn::GetAtt") return `<${(argument as string[]).join(".")}>`;
  return name === "Ref" ? `<${argument}>` : JSON.stringify(value);
};
