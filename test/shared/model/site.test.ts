import { describe, expect, it } from "vitest";
import { readSettings } from "../../../shared/model/environment.ts";
import { siteRoleArn, siteRoleName } from "../../../shared/model/site.ts";

const REGIONS = ["us-east-1", "us-gov-west-1", "ap-southeast-2", "ap-northeast-3", "cn-northwest-1", "mx-central-1"];

describe("the role of a function at a site", () => {
  it("has a name that IAM accepts, whatever the regions", () => {
    const names = REGIONS.flatMap((home) => REGIONS.map((region) => siteRoleName("nodeclass", home, region)));
    expect(names.filter((name) => !/^[\w+=,.@-]{1,64}$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it("is of the site's account and partition", () => {
    const at = (region: string) => siteRoleArn("pool", region, { region, account: "222222222222", clusters: [] });
    expect(at("eu-west-1")).toBe("arn:aws:iam::222222222222:role/stratos-pool-eu-west-1-in-eu-west-1");
    expect(at("cn-north-1")).toBe("arn:aws-cn:iam::222222222222:role/stratos-pool-cn-north-1-in-cn-north-1");
    expect(at("us-gov-west-1")).toMatch(/^arn:aws-us-gov:iam::/);
  });

  it("is none where the functions act as themselves", () => {
    expect(siteRoleArn("pool", "eu-west-1", { region: "eu-west-1", clusters: ["a"] })).toBeUndefined();
  });
});

describe("the functions' settings", () => {
  it("have the clusters of each account and region together", () => {
    const elsewhere = { region: "eu-west-1", account: "222222222222" };
    const clusters = [{ name: "a" }, { name: "b", ...elsewhere }, { name: "c" }, { name: "d", ...elsewhere }];
    const environment = {
      AWS_REGION: "us-east-1",
      STRATOS_TABLE_NAME: "state",
      STRATOS_CLUSTERS: JSON.stringify(clusters),
    };
    const { clusters: names, sites } = readSettings(environment);
    expect(names).toEqual(["a", "b", "c", "d"]);
    expect(sites).toEqual([
      { region: "us-east-1", account: undefined, clusters: ["a", "c"] },
      { ...elsewhere, clusters: ["b", "d"] },
    ]);
  });
});
