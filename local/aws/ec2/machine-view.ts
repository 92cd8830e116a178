import { gunzipSync } from "node:zlib";
import type { Instance } from "./instance.ts";
import { powerOff } from "./lifecycle.ts";
import type { Machine, Machines } from "./machines.ts";
import type { World } from "./world.ts";

/** EC2 keeps the last 64 KB of the console; this many lines hold more. */
const MAX_CONSOLE_LINES = 1000;

const GZIP = Buffer.from([0x1f, 0x8b]);

/** Decodes user data and decompresses gzip, as cloud-init, nodeadm and Bottlerocket do. */
const decodeUserData = (userData: string): string => {
  const bytes = Buffer.from(userData, "base64");
  return (bytes.subarray(0, GZIP.length).equals(GZIP) ? gunzipSync(bytes) : bytes).toString("utf8");
};

const toMachine = ({ tags }: World, instance: Instance): Machine => ({
  instanceId: instance.id,
  zone: instance.zone,
  instanceType: instance.type.name,
  architecture: instance.architecture,
  vcpus: instance.type.vcpus,
  memoryMiB: instance.type.memoryMiB,
  privateIp: instance.privateIp,
  privateDnsName: instance.privateDnsName,
  userData: decodeUserData(instance.userData),
  imageId: instance.imageId,
  roleArn: instance.profile?.role?.arn,
  tags: tags.of(instance.id),
  boot: instance.boot,
});

/** The instances as their software sees them. Ignores unknown ids: a kubelet may briefly outlive its instance. */
export const createMachines = (world: World): Machines => ({
  list: () => world.instances.all().map((instance) => ({ ...toMachine(world, instance), state: instance.state })),
  subscribe: (listener) => {
    const listen = (instance: Instance, state: Instance["state"]) =>
      listener({ machine: toMachine(world, instance), state });
    world.listeners.add(listen);
    return () => void world.listeners.delete(listen);
  },
  powerOff: (instanceId) => {
    const instance = world.instances.get(instanceId);
    if (instance) powerOff(world, instance);
  },
  console: (instanceId, line) => {
    const lines = world.instances.get(instanceId)?.console;
    lines?.push(line);
    if (lines && lines.length > MAX_CONSOLE_LINES) lines.shift();
  },
});
