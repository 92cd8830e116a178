/** One deployment with clusters in its own account and region, in another region, and in another account. */
import type { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { KUBERNETES_FUNCTION_NAMES } from "../../infra/functions.ts";
import { actionsOf, anApp, statementsOf } from "./synthesized.ts";

const HOME = { account: "111111111111", region: "us-east-1" };
const CLUSTERS = [
  { name: "own" },
  { name: "region", region: "eu-west-1" },
  { name: "account", region: "eu-west-1", account: "222222222222" },
  { name: "neighbour", region: "eu-west-1", account: "222222222222", nodeRoles: ["Nodes"] },
];

const app = anApp(CLUSTERS, HOME);
const templateOf = (id: string) => Template.fromStack(app.node.findChild(id) as Stack);
const home = templateOf("Stratos");
const otherRegion = templateOf("Stratos-111111111111-eu-west-1");
const otherAccount = templateOf("Stratos-222222222222-eu-west-1");

const BUS = "arn:aws:events:us-east-1:111111111111:event-bus/stratos";

const siteStatementsOf = (template: Template, name: string) => {
  const roles = template.findResources("AWS::IAM::Role", {
    Properties: { RoleName: `stratos-${name}-us-east-1-in-eu-west-1` },
  });
  const [id] = Object.keys(roles);
  return Object.values(template.findResources("AWS::IAM::Policy"))
    .filter(({ Properties }) => Properties.Roles.some(({ Ref = "" }) => Ref === id))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
};

const sidsOf = (statements: readonly { readonly Sid?: string }[]) => statements.map(({ Sid }) => Sid);

describe("the deployment", () => {
  test("tells its functions where each cluster is, if not beside them", () => {
    const [worker] = Object.values(home.findResources("AWS::Lambda::Function"));
    expect(JSON.parse(worker?.Properties.Environment.Variables.STRATOS_CLUSTERS)).toEqual([
      { name: "own" },
      { name: "region", region: "eu-west-1", account: "111111111111" },
      { name: "account", region: "eu-west-1", account: "222222222222" },
      { name: "neighbour", region: "eu-west-1", account: "222222222222" },
    ]);
  });

  test.each(KUBERNETES_FUNCTION_NAMES)("lets %s assume its own role at each site, and no other", (name) => {
    const assuming = statementsOf(home, name).filter((statement) => actionsOf(statement).includes("sts:AssumeRole"));
    expect(assuming.map(({ Resource }) => Resource)).toEqual([
      [
        `arn:aws:iam::111111111111:role/stratos-${name}-us-east-1-in-eu-west-1`,
        `arn:aws:iam::222222222222:role/stratos-${name}-us-east-1-in-eu-west-1`,
      ],
    ]);
  });

  test("gives its functions themselves only its own clusters", () => {
    const [find] = statementsOf(home, "pool").filter(({ Sid }) => Sid === "FindClusters");
    expect(JSON.stringify(find?.Resource)).toContain("cluster/own");
    expect(JSON.stringify(find?.Resource)).not.toContain("cluster/account");
    const entries = Object.values(home.findResources("AWS::EKS::AccessEntry"));
    expect(new Set(entries.map(({ Properties }) => Properties.ClusterName))).toEqual(new Set(["own"]));
  });

  test("without clusters of its own gives its functions nothing in EC2", () => {
    const away = Template.fromStack(anApp(CLUSTERS.slice(1), HOME).node.findChild("Stratos") as Stack);
    for (const name of KUBERNETES_FUNCTION_NAMES)
      expect(
        statementsOf(away, name)
          .flatMap(actionsOf)
          .filter((action) => /^(ec2|eks|iam):/.test(action)),
      ).toEqual([]);
  });

  test("admits another account to its bus for EC2's events and those of its own clusters", () => {
    const policies = Object.values(home.findResources("AWS::Events::EventBusPolicy"));
    expect(policies.map(({ Properties }) => Properties.Statement.Condition)).toEqual([
      {
        StringEquals: {
          "events:source": ["aws.ec2", "stratos.forwarder/account", "stratos.forwarder/neighbour"],
        },
      },
    ]);
  });

  test("routes EC2's events of its sites as its own, and has a heartbeat of each cluster", () => {
    const rules = Object.values(home.findResources("AWS::Events::Rule")).map(({ Properties }) => Properties);
    const ec2 = rules.filter(({ EventPattern }) => EventPattern?.source.includes("aws.ec2"));
    const patterns = (onBus: boolean) =>
      ec2.filter(({ EventBusName }) => (EventBusName !== undefined) === onBus).map(({ EventPattern }) => EventPattern);
    expect(patterns(true)).toHaveLength(2);
    expect(patterns(true)).toEqual(patterns(false));
    const heartbeats = rules.filter(({ EventPattern }) =>
      EventPattern?.["detail-type"]?.includes("Forwarder Heartbeat"),
    );
    expect(heartbeats).toHaveLength(4);
  });
});

describe("a site", () => {
  test.each(KUBERNETES_FUNCTION_NAMES)("trusts only the deployment's function %s", (name) => {
    for (const template of [otherRegion, otherAccount])
      template.hasResourceProperties("AWS::IAM::Role", {
        RoleName: `stratos-${name}-us-east-1-in-eu-west-1`,
        AssumeRolePolicyDocument: {
          Statement: [
            {
              Action: "sts:AssumeRole",
              Effect: "Allow",
              Condition: {
                ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::111111111111:role/stratos-${name}-us-east-1` },
              },
            },
          ],
        },
      });
    home.hasResourceProperties("AWS::IAM::Role", { RoleName: `stratos-${name}-us-east-1` });
  });

  test.each(KUBERNETES_FUNCTION_NAMES)("allows %s what the deployment allows it for its own clusters", (name) => {
    const state = new Set([
      "WriteLogs",
      "Trace",
      "ConsumeOwnQueue",
      "KeepState",
      "KeepLeases",
      "QueryState",
      "Wake",
      "ActAtSites",
      "SendFailures",
    ]);
    const own = sidsOf(statementsOf(home, name)).filter((sid = "") => !state.has(sid));
    expect(sidsOf(siteStatementsOf(otherRegion, name))).toEqual(own);
    expect(JSON.stringify(siteStatementsOf(otherAccount, name))).toContain("neighbour");
    expect(JSON.stringify(siteStatementsOf(otherAccount, name))).not.toContain('"region"');
  });

  test("maps those roles to Kubernetes groups, and the forwarders to roles that may send to the bus", () => {
    otherAccount.resourceCountIs("AWS::EKS::AccessEntry", 8);
    otherAccount.resourceCountIs("AWS::EKS::PodIdentityAssociation", 2);
    const forwarders = Object.values(otherAccount.findResources("AWS::IAM::Role")).filter(({ Properties }) =>
      Properties.Description.includes("forwarder of cluster"),
    );
    expect(forwarders.map(({ Properties }) => Properties.Policies[0].PolicyDocument.Statement[0].Resource)).toEqual([
      BUS,
      BUS,
    ]);
  });

  test("sends EC2's events to the bus with a role that may do nothing else", () => {
    const rules = Object.values(otherAccount.findResources("AWS::Events::Rule"));
    expect(rules).toHaveLength(2);
    for (const { Properties } of rules) {
      const [{ Arn, RoleArn }] = Properties.Targets;
      expect(Arn).toBe(BUS);
      const role = otherAccount.toJSON().Resources[RoleArn["Fn::GetAtt"][0]];
      expect(role.Properties.Policies.map((policy: { PolicyDocument: object }) => policy.PolicyDocument)).toMatchObject(
        [
          {
            Statement: [
              {
                Action: "events:PutEvents",
                Resource: BUS,
                Condition: { StringEquals: { "events:source": "aws.ec2" } },
              },
            ],
          },
        ],
      );
    }
  });

  test("is a template that CloudFormation can deploy alone", () => {
    for (const template of [otherRegion, otherAccount]) {
      expect(template.toJSON().Parameters).toBeUndefined();
      expect(template.toJSON().Rules).toBeUndefined();
      template.resourceCountIs("AWS::Lambda::Function", 0);
    }
  });
});
