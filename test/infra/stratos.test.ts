import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { Stratos, type StratosProps } from "../../infra/stratos.ts";
import { bundlesFolder } from "./synthesized.ts";

const stratosIn = (props: StratosProps, region?: string) => {
  const stack = new Stack(new App(), "Operations", { env: { region } });
  return new Stratos(stack, "Stratos", { functionsFolder: bundlesFolder(), ...props });
};

describe("the construct", () => {
  test("gives its table, its bus and its roles to the rest of the stack", () => {
    const { bus, table, functionRoles, forwarderRoles } = stratosIn({ clusters: [{ name: "blue" }] });
    expect(Object.keys(functionRoles)).toEqual(["demand", "pool", "nodeclass", "ec2-events", "sweep"]);
    expect(Object.keys(forwarderRoles)).toEqual(["blue"]);
    const resources = Template.fromStack(Stack.of(table)).toJSON().Resources;
    const typeOf = (reference: string) => resources[Stack.of(table).resolve(reference).Ref]?.Type;
    expect(typeOf(table.tableName)).toBe("AWS::DynamoDB::Table");
    expect(typeOf(bus.eventBusName)).toBe("AWS::Events::EventBus");
  });

  test("leaves the stack's own outputs and protection to the stack", () => {
    const stack = Stack.of(stratosIn({ clusters: [{ name: "blue" }], tracing: false }));
    expect(Template.fromStack(stack).findOutputs("*")).toEqual({});
    expect(stack.terminationProtection).toBe(false);
  });

  test("rejects invalid properties by their name", () => {
    const twice = [{ name: "blue" }, { name: "blue" }];
    expect(() => stratosIn({ clusters: twice })).toThrow(/^clusters\[1\]\.name: found "blue"; allowed: a name that/);
    expect(() => stratosIn({ clusters: [{ name: "blue" }], logRetentionDays: 8 })).toThrow(
      /^logRetentionDays: found 8/,
    );
  });

  test("needs to know where it is, if clusters are elsewhere", () => {
    const clusters = [{ name: "blue", region: "eu-west-1" }];
    expect(() => stratosIn({ clusters }, "eu-west-1")).not.toThrow();
    expect(() => stratosIn({ clusters }, "us-east-1")).toThrow(
      /^account: found nothing; allowed: the deployment's own account/,
    );
    expect(() => stratosIn({ clusters })).toThrow(/found "eu-west-1"; allowed: none, unless the stack has a region/);
  });
});
