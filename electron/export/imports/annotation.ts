/** Annotations imported from an annotation program. */
export interface ImportedAnnotation {
  tier: string;
  participant: string;
  fromNs: number;
  toNs: number;
  text: string;
}

export interface ImportedFile {
  annotations: ImportedAnnotation[];
  /** What was skipped, one sentence each. */
  notes: string[];
}
