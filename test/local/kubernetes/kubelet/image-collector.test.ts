import { expect, it } from "vitest";
import { aPod, aReadyNode, createStage } from "../stage.ts";

const GIB = 2 ** 30;

const once = (image: string) =>
  aPod(image, { restartPolicy: "Never", containers: [{ name: "main", image: `${image}:1`, command: ["true"] }] });

it("the images that were unused for longest are collected within five minutes when the disk is 85 % full", async () => {
  const stage = createStage({ nodes: { imageDisk: { diskBytes: 20 * GIB, imageBytes: () => 6 * GIB } } });
  const { privateDnsName } = await aReadyNode(stage);
  const images = () =>
    (stage.node(privateDnsName)?.status.images ?? [])
      .flatMap(({ names }) => names)
      .filter((name) => name.endsWith(":1"));
  stage.store.create("pods", once("first"));
  await stage.advance(60);
  expect(images()).toEqual(["docker.io/library/first:1"]);
  stage.store.create("pods", aPod("second", { containers: [{ name: "main", image: "second:1" }] }));
  await stage.advance(400);
  expect(images()).toEqual(["docker.io/library/second:1"]);
});

it("the kubelet reports the sizes of its images and of the disk", async () => {
  const stage = createStage({ nodes: { imageDisk: { diskBytes: 20 * GIB, imageBytes: () => 6 * GIB } } });
  const { privateDnsName } = await aReadyNode(stage);
  const { capacity, images } = stage.node(privateDnsName)?.status ?? {};
  expect(capacity?.["ephemeral-storage"]).toBe("20971520Ki");
  expect(images?.map(({ sizeBytes }) => sizeBytes)).toEqual([6 * GIB]);
});

it("no image is collected on a disk of the default", async () => {
  const stage = createStage();
  const { privateDnsName } = await aReadyNode(stage);
  for (const image of ["first", "second", "third"]) stage.store.create("pods", once(image));
  await stage.advance(700);
  expect(stage.node(privateDnsName)?.status.images).toHaveLength(4);
});
