const causes = [
  {
    pattern: /ENOSPC|no space left|disk quota exceeded/i,
    advice: ({ root }) => `The disk is full. Outdial needs about 1.5 GB in ${root} and some in your home; free space`,
  },
  {
    pattern: /ERR_PNPM_OUTDATED_LOCKFILE|frozen-lockfile/i,
    advice: () =>
      'A package.json asks for something pnpm-lock.yaml does not have. Run: npx pnpm@12 install, commit the lock file',
  },
  {
    pattern:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|META_FETCH_FAIL|dns error|error sending request|network/i,
    advice: () =>
      'The npm registry cannot be reached. The first start needs it: check your connection and proxy (npm config get registry)',
  },
  {
    pattern: /SELF_SIGNED|UNABLE_TO_VERIFY|CERT_|certificate/i,
    advice: () =>
      'The npm registry shows a certificate that is not trusted here. Set cafile in your .npmrc, and SSL_CERT_FILE and NODE_EXTRA_CA_CERTS',
  },
  {
    pattern: /EACCES|EPERM|EROFS|permission denied|read-only file system/i,
    advice: ({ root }) =>
      `A file cannot be written. Make ${root} belong to the user you are, or clone it anew as that user`,
  },
]

/** From what npm or pnpm said to what the user can do. */
export function explainFailure({ output, code, root }) {
  const lastLines = output.trim().split('\n').slice(-15).join('\n  ')
  if (code >= 128) return 'The installation was interrupted. The next start goes on where it stopped.'
  const cause = causes.find(({ pattern }) => pattern.test(output))
  const advice = cause
    ? `${cause.advice({ root })}, then run the command again.`
    : 'Run the command again; if it fails the same way, the lines above say why.'
  return `The installation failed:\n  ${lastLines}\n${advice}`
}
