// The one entry of every `npm run …` at the root. It runs on whatever Node is found, so it is plain JavaScript, and
// this file loads the rest only after it has made sure that Node can read it.
const major = Number(process.versions.node.split('.')[0])
if (major < 20) {
  process.stderr.write(
    `Outdial needs Node 20 or newer to start (it brings Node 24 along by itself), and this is Node ${process.versions.node}.\n` +
      'Install a newer Node from https://nodejs.org or with your version manager, then run the command again.\n',
  )
  process.exit(1)
}

const { runCommand } = await import('./bootstrap/commands.mjs')
await runCommand(process.argv[2], process.argv.slice(3))
