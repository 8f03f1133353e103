/** What is to be judged cannot be read. The message says where and what to do. */
export class EvidenceError extends Error {
  override name = 'EvidenceError'
}
