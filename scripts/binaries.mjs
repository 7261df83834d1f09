// Servers and tools that npm does not carry: taken from the PATH, else unpacked (never installed)
// from Debian packages into node_modules/.cache/partywall, else one sentence how to get them.
//
//   node scripts/binaries.mjs redis-server promtool pgbouncer
import { execFile, execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
export const cache = join(root, 'node_modules', '.cache', 'partywall')
/** Where the wrappers are; put it on the PATH of whoever needs them. */
export const binaryFolder = join(cache, 'bin')

const known = {
  'redis-server': {
    alternatives: ['valkey-server'],
    packages: ['redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2', 'libatomic1'],
    getIt: 'install redis-server or valkey-server, or set REDIS_URL to a server',
  },
  promtool: {
    alternatives: [],
    packages: ['prometheus'],
    getIt: 'install Prometheus, which brings promtool, from your system or prometheus.io/download',
  },
  pgbouncer: {
    alternatives: [],
    // The first that keeps prepared statements apart in transaction mode.
    oldest: '1.21',
    // Debian 12 has an older one. Of another release everything comes along, the C library too.
    release: 'trixie',
    packages: [
      'pgbouncer',
      'libaudit1',
      'libc6',
      'libcap-ng0',
      'libcap2',
      'libcares2',
      'libevent-2.1-7t64',
      'libpam0g',
      'libssl3t64',
      'libsystemd0',
      'libzstd1',
      'zlib1g',
    ],
    getIt: 'install PgBouncer 1.21 or newer from your system or pgbouncer.org',
  },
}

const downloadTimeoutMs = 120_000

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Whether it is no older than what the tests need. */
function isRecent(file, oldest) {
  if (oldest === undefined) return true
  try {
    const said = execFileSync(file, ['--version'], { encoding: 'utf8', timeout: 10_000 })
    const parts = (text) => text.match(/\d+/g)?.slice(0, 2).map(Number) ?? []
    const [major = 0, minor = 0] = parts(said)
    const [oldestMajor, oldestMinor] = parts(oldest)
    return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
  } catch {
    return false
  }
}

/** The path of a program, or undefined. */
export function findBinary(name, path = process.env.PATH ?? '') {
  const folders = [...path.split(delimiter).filter((folder) => folder !== ''), binaryFolder]
  return folders
    .flatMap((folder) =>
      [name, ...(known[name]?.alternatives ?? [])].map((each) => join(folder, each)),
    )
    .find((file) => isExecutable(file) && isRecent(file, known[name]?.oldest))
}

/**
 * Makes sure that each program can be found, and returns a sentence for each that cannot be had.
 * `say` hears of downloads; `signal` ends them.
 */
export async function prepareBinaries(names, { say = () => {}, signal } = {}) {
  const missing = []
  for (const name of names) {
    if (findBinary(name) !== undefined) continue
    say(`unpacking ${name} into node_modules/.cache/partywall`)
    try {
      await unpack(name, signal)
    } catch {
      signal?.throwIfAborted()
      missing.push(`${name} is not on this machine: ${known[name].getIt}`)
    }
  }
  return missing
}

async function unpack(name, signal) {
  await mkdir(cache, { recursive: true })
  const workshop = await mkdtemp(join(cache, 'unpack-'))
  try {
    await fetchPackages(known[name], workshop, signal)
    const files = join(workshop, 'root')
    for (const file of await readdir(workshop)) {
      if (!file.endsWith('.deb')) continue
      await run('dpkg-deb', ['-x', join(workshop, file), files], {
        timeout: downloadTimeoutMs,
        signal,
      })
    }
    const home = join(cache, name)
    await rm(home, { recursive: true, force: true })
    await rename(files, home)
    await writeWrapper(name, home, signal)
  } finally {
    await rm(workshop, { recursive: true, force: true })
  }
}

/** With lists and caches of our own where the machine has no fresh ones: nothing outside changes. */
async function fetchPackages({ packages, release }, workshop, signal) {
  const ours = ['-o', `Dir::Cache=${workshop}/apt`, '-o', 'APT::Sandbox::User=root', '-q']
  const lists = ['-o', `Dir::State::lists=${workshop}/lists`]
  const options = { cwd: workshop, timeout: downloadTimeoutMs, signal }
  await mkdir(join(workshop, 'apt', 'archives', 'partial'), { recursive: true })
  await mkdir(join(workshop, 'lists', 'partial'), { recursive: true })
  if (release !== undefined) {
    const sources = join(workshop, 'sources.list')
    await writeFile(sources, `deb ${await debianMirror(options)} ${release} main\n`)
    lists.push('-o', `Dir::Etc::sourcelist=${sources}`, '-o', 'Dir::Etc::sourceparts=-')
  }
  const download = ['download', ...packages]
  try {
    // The machine has no lists of another release.
    if (release === undefined) return await run('apt-get', [...ours, ...download], options)
  } catch {
    signal?.throwIfAborted()
  }
  await run('apt-get', [...ours, ...lists, 'update'], options)
  await run('apt-get', [...ours, ...lists, ...download], options)
}

/** Where this machine takes its Debian packages from. */
async function debianMirror(options) {
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)'], options)
  const mirror = stdout.split('\n').find((uri) => /\/debian\/?$/.test(uri))
  if (mirror === undefined) throw new Error('this machine has no Debian mirror')
  return mirror
}

async function writeWrapper(name, home, signal) {
  const wrapper = join(binaryFolder, name)
  const program = ['usr/bin', 'usr/sbin'].find((folder) => existsSync(join(home, folder, name)))
  const lines = [
    '#!/bin/sh',
    `home=$(cd "$(dirname "$0")/../${name}" && pwd)`,
    ...startLines(home, `"$home/${program}/${name}" "$@"`),
    '',
  ]
  await mkdir(binaryFolder, { recursive: true })
  await writeFile(`${wrapper}.new`, lines.join('\n'))
  await chmod(`${wrapper}.new`, 0o755)
  // Only what runs here is left behind under its name.
  await run(`${wrapper}.new`, ['--version'], { timeout: 10_000, signal })
  await rename(`${wrapper}.new`, wrapper)
}

/** A C library of its own is loaded by its own loader: nothing of the machine's can be mixed with it. */
function startLines(home, command) {
  const libraries = join(home, 'usr', 'lib')
  const folders = existsSync(libraries)
    ? readdirSync(libraries).filter((folder) => folder.includes('-linux-'))
    : []
  for (const folder of folders) {
    const loader = readdirSync(join(libraries, folder)).find((file) => file.startsWith('ld-linux'))
    if (loader === undefined) continue
    const place = `$home/usr/lib/${folder}`
    return [`exec "${place}/${loader}" --library-path "${place}" ${command}`]
  }
  return [
    ...folders.map((folder) => `LD_LIBRARY_PATH=$home/usr/lib/${folder}:$LD_LIBRARY_PATH`),
    'export LD_LIBRARY_PATH',
    `exec ${command}`,
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2)
  const missing = await prepareBinaries(wanted.length > 0 ? wanted : Object.keys(known), {
    say: (line) => process.stderr.write(`${line}\n`),
  })
  for (const sentence of missing) process.stderr.write(`${sentence}\n`)
  process.exitCode = missing.length > 0 ? 2 : 0
}
