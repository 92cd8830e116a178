/** Where EKS puts the cluster's DNS: address 10 of the IPv4 service range, `::a` of an IPv6 one. */
export const dnsAddress = (serviceCidr: string): string => {
  const [base = ""] = serviceCidr.split("/");
  return base.includes(":") ? `${base}a` : base.replace(/\d+$/, "10");
};
