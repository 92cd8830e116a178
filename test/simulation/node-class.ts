/** The class of a world's pools, and the images that it is resolved to. */
import type { Image } from "../../local/aws/ec2/catalog/image.ts";
import type { SimulatedEc2 } from "./ec2.ts";
import type { Scenario } from "./scenario.ts";
import type { SimulatedWorld } from "./world.ts";

export const CLASS = "workers";
export const CLASSES = "awsnodeclasses.stratos.sh";
export const instanceTypeOf = ({ hasGpus }: Pick<Scenario, "hasGpus">): string => (hasGpus ? "g5.xlarge" : "m5.large");

/** The SSM parameter that says which image AWS recommends. */
export const imageParameter = ({ hasGpus }: Pick<Scenario, "hasGpus">): string =>
  `/aws/service/eks/optimized-ami/1.36/amazon-linux-2023/x86_64/${hasGpus ? "nvidia" : "standard"}/recommended/image_id`;

/** Throws if there is none. */
export const newestImage = ({ parameters, world }: SimulatedEc2, scenario: Pick<Scenario, "hasGpus">): Image => {
  const image = world.images.get(parameters.get(imageParameter(scenario))?.value ?? "");
  if (!image) throw new Error(`${imageParameter(scenario)} names no image`);
  return image;
};

export const applyClass = (world: SimulatedWorld, scenario: Scenario): void =>
  world.apply(CLASSES, {
    apiVersion: "stratos.sh/v1alpha1",
    kind: "AWSNodeClass",
    metadata: { name: CLASS },
    spec: {
      instanceType: instanceTypeOf(scenario),
      bootstrapTemplate: "AL2023",
      subnetIds: [...world.ec2.world.subnets.keys()],
      securityGroupIds: ["sg-12345678"],
      ...(scenario.hasRole ? { role: "node-role" } : { iamInstanceProfile: "node-role" }),
    },
  });

/** What is left of a deleted class: the object, and the instance profile of a class that named a role. */
export const classLeftovers = ({ store, ec2 }: SimulatedWorld): readonly string[] => [
  ...(store.get(CLASSES, CLASS) ? [`class ${CLASS}`] : []),
  ...[...ec2.world.profiles.profiles.keys()]
    .filter((name) => name.startsWith("stratos-"))
    .map((name) => `profile ${name}`),
];
