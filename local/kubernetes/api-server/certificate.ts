import { generate } from "selfsigned";

/** A self-signed certificate for a server on localhost. Both fields are PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Valid from one day before `nowMs` for one year. `nowMs` is real time, because TLS clients use it. */
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
