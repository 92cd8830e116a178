/** The EC2 facts about an instance type that decide a node's capacity and which images it can boot. */
import type { InstanceTypeInfo } from "@aws-sdk/client-ec2";
import type { InstancePlatform, InstanceTypeFacts } from "../model/ec2.ts";

/** EKS's formula: interfaces × (addresses per interface − 1) + 2. Source: awslabs/amazon-eks-ami, max-pods-calculator. */
const maxPodsOf = ({ NetworkInfo }: InstanceTypeInfo): number =>
  (NetworkInfo?.MaximumNetworkInterfaces ?? 1) * ((NetworkInfo?.Ipv4AddressesPerInterface ?? 2) - 1) + 2;

const count = (devices: readonly { readonly Count?: number | undefined }[] = []): number =>
  devices.reduce((sum, { Count = 0 }) => sum + Count, 0);

/** GPUs of other vendors are ignored: no EKS-optimized image has drivers for them. */
const acceleratorOf = ({
  GpuInfo,
  NeuronInfo,
}: InstanceTypeInfo): Pick<InstanceTypeFacts, "accelerator" | "devices"> => {
  const gpus = count(GpuInfo?.Gpus?.filter(({ Manufacturer }) => Manufacturer === "NVIDIA"));
  if (gpus > 0) return { accelerator: "nvidia", devices: gpus };
  const chips = count(NeuronInfo?.NeuronDevices);
  return chips > 0 ? { accelerator: "neuron", devices: chips } : { devices: 0 };
};

/** A shared limit counts network interfaces and NVMe instance store volumes, too ("Amazon EBS volume limits", Amazon EC2 User Guide). */
const attachmentsOf = ({ EbsInfo, InstanceStorageInfo }: InstanceTypeInfo): InstancePlatform["attachments"] => {
  const { MaximumEbsAttachments, AttachmentLimitType } = EbsInfo ?? {};
  if (MaximumEbsAttachments === undefined) return undefined;
  const isShared = AttachmentLimitType !== "dedicated";
  return {
    max: MaximumEbsAttachments - (isShared ? count(InstanceStorageInfo?.Disks) : 0),
    includeInterfaces: isShared,
  };
};

const platformOf = (info: InstanceTypeInfo): InstancePlatform => {
  const attachments = attachmentsOf(info);
  return {
    ena: info.NetworkInfo?.EnaSupport ?? "unsupported",
    nvme: info.EbsInfo?.NvmeSupport ?? "unsupported",
    bootModes: info.SupportedBootModes ?? [],
    interfaces: info.NetworkInfo?.MaximumNetworkInterfaces ?? 1,
    addressesPerInterface: info.NetworkInfo?.Ipv4AddressesPerInterface ?? 1,
    ...(attachments && { attachments }),
  };
};

export const toInstanceTypeFacts = (info: InstanceTypeInfo): InstanceTypeFacts => ({
  instanceType: info.InstanceType ?? "",
  vcpus: info.VCpuInfo?.DefaultVCpus ?? 0,
  memoryMiB: info.MemoryInfo?.SizeInMiB ?? 0,
  maxPods: maxPodsOf(info),
  ...acceleratorOf(info),
  architectures: info.ProcessorInfo?.SupportedArchitectures ?? [],
  hibernation: info.HibernationSupported ?? false,
  platform: platformOf(info),
});
