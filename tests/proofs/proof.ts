/** What every proof gives: figures that must be zero, and how many cases gave them. */

export interface ProofResult {
  proof: string;
  /** Situations tried: kills, outages, cut points. */
  cases: number;
  lost: number;
  doubled: number;
  failed: number;
  /** Further figures worth seeing; not judged. */
  more: Record<string, number | string>;
}

export interface ProofOptions {
  /** 1 = the size that the acceptance asks for; the short form in `npm test` uses less. */
  scale: number;
  /** Records, in the place of what `scale` says. */
  events?: number;
  /** Of a proof that has parts: these only. */
  only?: readonly string[];
  /** A document whose table takes the rows; of the fault matrix. */
  write?: string;
  stores: readonly ('embedded' | 'elasticsearch')[];
  say: (line: string) => void;
}

export type Proof = (options: ProofOptions) => Promise<ProofResult>;
