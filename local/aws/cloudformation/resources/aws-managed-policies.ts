/** AWS managed policies that function roles commonly use (AWS Managed Policy Reference Guide). */
const allow = (...Action: string[]) => ({ Statement: [{ Effect: "Allow", Action, Resource: "*" }] });

const WRITE_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];

export const AWS_MANAGED_POLICIES: Readonly<Record<string, unknown>> = {
  "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": allow(...WRITE_LOGS),
  "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole": allow(
    ...WRITE_LOGS,
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ),
};
