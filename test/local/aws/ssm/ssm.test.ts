import { DescribeImagesCommand } from "@aws-sdk/client-ec2";
import { GetParameterCommand, GetParametersByPathCommand, GetParametersCommand } from "@aws-sdk/client-ssm";
import { describe, expect, test } from "vitest";
import { createThroughput } from "../../../../local/aws/ssm/throughput.ts";
import { aRegion } from "../ec2/region.ts";

const AL2023 = (version: string, architecture: string) =>
  `/aws/service/eks/optimized-ami/${version}/amazon-linux-2023/${architecture}/standard/recommended/image_id`;
const BOTTLEROCKET = (version: string, architecture: string) =>
  `/aws/service/bottlerocket/aws-k8s-${version}/${architecture}/latest/image_id`;

describe("AWS's public parameters", () => {
  test.each(
    ["1.33", "1.34", "1.35", "1.36"].flatMap((version) =>
      ["x86_64", "arm64"].flatMap((architecture) => [
        [AL2023(version, architecture), architecture],
        [BOTTLEROCKET(version, architecture), architecture],
      ]),
    ),
  )("%s refers to an image", async (Name = "", architecture) => {
    const { ssm, client } = await aRegion();
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
    const { Images } = await client.send(new DescribeImagesCommand({ ImageIds: [Parameter?.Value ?? ""] }));
    expect(Images).toMatchObject([{ Architecture: architecture, ImageOwnerAlias: "amazon" }]);
  });

  test("are reported as not found if they do not exist", async () => {
    const { ssm } = await aRegion();
    const Name = AL2023("0.1", "x86_64");
    await expect(ssm.send(new GetParameterCommand({ Name }))).rejects.toMatchObject({ name: "ParameterNotFound" });
    const { Parameters, InvalidParameters } = await ssm.send(
      new GetParametersCommand({ Names: [Name, AL2023("1.36", "arm64")] }),
    );
    expect(InvalidParameters).toEqual([Name]);
    expect(Parameters).toHaveLength(1);
  });

  test("can be listed by path, page by page", async () => {
    const { ssm } = await aRegion();
    const names: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await ssm.send(
        new GetParametersByPathCommand({
          Path: "/aws/service/bottlerocket",
          Recursive: true,
          MaxResults: 10,
          NextToken,
        }),
      );
      names.push(...(page.Parameters ?? []).map(({ Name }) => Name));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(names).toHaveLength(16);
    expect(new Set(names).size).toBe(16);
  });

  test("have no account in the ARN used for authorization", async () => {
    const Name = AL2023("1.36", "x86_64");
    const region = await aRegion({ deny: () => true });
    await expect(region.ssm.send(new GetParameterCommand({ Name }))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    expect(region.gateway.permissionChecks).toMatchObject([
      { action: "ssm:GetParameter", resource: `arn:aws:ssm:us-east-1::parameter${Name}` },
    ]);
  });
});

describe("throughput", () => {
  test("of all Get actions together is limited to 40 requests per second", () => {
    let now = 0;
    const take = createThroughput(() => now, 40);
    for (let index = 0; index < 40; index += 1) take();
    expect(take).toThrow("Rate exceeded");
    now += 25;
    take();
    expect(take).toThrow("Rate exceeded");
    now += 60_000;
    for (let index = 0; index < 40; index += 1) take();
    expect(take).toThrow("Rate exceeded");
  });

  test("of the service is limited", async () => {
    const { ssm } = await aRegion();
    const command = new GetParametersCommand({ Names: [AL2023("1.36", "x86_64")] });
    const answers = await Promise.allSettled(Array.from({ length: 400 }, () => ssm.send(command)));
    const refused = answers.find(({ status }) => status === "rejected");
    expect(refused).toMatchObject({ reason: { name: "ThrottlingException", message: "Rate exceeded" } });
  });
});
