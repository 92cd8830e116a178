import type { Schema } from "../schema/schema.ts";
import type { KubeObject } from "../store.ts";

/** The parts of an apiextensions.k8s.io/v1 CustomResourceDefinition that this server uses. */
export interface CustomResourceDefinition extends KubeObject {
  spec: {
    group: string;
    scope: "Cluster" | "Namespaced";
    names: {
      kind: string;
      plural: string;
      singular?: string;
      listKind?: string;
      shortNames?: string[];
      categories?: string[];
    };
    versions: CustomVersion[];
  };
}

export interface CustomVersion {
  name: string;
  served: boolean;
  storage: boolean;
  schema: { openAPIV3Schema: Schema };
  subresources?: { status?: object };
  additionalPrinterColumns?: PrinterColumn[];
}

export interface PrinterColumn {
  name: string;
  type: string;
  jsonPath: string;
  description?: string;
  format?: string;
  priority?: number;
}
