/** People who edit the class, and AWS, which publishes images. */
import { createHash } from "node:crypto";
import type { AWSNodeClass } from "../../../shared/model/api/types.ts";
import { CLASS, CLASSES, imageParameter, newestImage } from "../node-class.ts";
import { integer } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import type { SimulatedWorld } from "../world.ts";
import type { Actor, Actors } from "./actor.ts";

const publishImage = ({ ec2, clock, trace }: SimulatedWorld, scenario: Scenario): void => {
  const newest = newestImage(ec2, scenario);
  const name = `${newest.name.replace(/-v\d+$/, "")}-v${clock.now()}`;
  const id = `ami-0${createHash("sha256").update(name).digest("hex").slice(0, 16)}`;
  ec2.world.images.set(id, { ...newest, id, name, createdAt: clock.now() });
  ec2.parameters.put(imageParameter(scenario), id);
  trace.add("aws", `publishes ${id}`);
};

export const onClasses = (world: SimulatedWorld, scenario: Scenario): Actors => {
  let original: AWSNodeClass["spec"] | undefined;
  const edit = (change: (spec: AWSNodeClass["spec"]) => Partial<AWSNodeClass["spec"]>): void =>
    void world.store.change(CLASSES, CLASS, undefined, (found) => {
      const spec = found.spec as AWSNodeClass["spec"];
      original ??= structuredClone(spec);
      found.spec = { ...original, ...change(original) };
    });
  const editor = (change: (spec: AWSNodeClass["spec"], number: number) => Partial<AWSNodeClass["spec"]>): Actor => ({
    act: (_, random) => edit((spec) => change(spec, integer(random, 1, 3))),
    undo: () => edit(() => ({})),
  });
  return {
    "new image": { act: () => publishImage(world, scenario) },
    "new class": editor((_, number) => ({
      blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { volumeSize: 20 + number } }],
      tags: { generation: `g${number}` },
    })),
    // A subnet that is not there, and a type that EC2 does not offer: launches wait, starts do not.
    "broken class": editor((spec, number) =>
      number === 1 ? { instanceType: "m99.large" } : { subnetIds: [...(spec.subnetIds ?? []), "subnet-0dead"] },
    ),
  };
};
