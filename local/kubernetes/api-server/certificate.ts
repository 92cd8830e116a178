import { generate } from "selfsigned";

/** A certificate for a server on this machine, which is its own authority. Both are PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Valid from a day before `nowMs` (real time, which is what TLS goes by) for a year. */
export const makeCertificate = async (nowMs: number): Promise<Certificate> => {
  const day = 86_400_000;
  const { private: key, cert } = await generate([{ name: "commonName", value: "kube-apiserver" }], {
    algorithm: "sha256",
    keyType: "ec",
    notBeforeDate: new Date(nowMs - day),
    notAfterDate: new Date(nowMs + 365 * day),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  return { key, cert };
};
