export const id = 969;
export const ids = [969];
export const modules = {

/***/ 4969:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  main: () => (/* binding */ main)
});

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./node_modules/@actions/core/lib/core.js + 14 modules
var core = __webpack_require__(6421);
;// CONCATENATED MODULE: ./src/oci/digest.ts

/**
 * The form is checked before anything is sent: distribution 3.x takes a malformed digest for a tag and answers 500,
 * so a digest that has not passed here must never reach a URL.
 */
const CANONICAL = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
/**
 * Every digest written anywhere in a text, for manifests whose kind is not known: also by its hex digits alone, as in the
 * `{"sha256":"<hex>"}` of in-toto.
 */
const WRITTEN = /(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{128})(?![0-9a-f])/g;
/**
 * The well-known empty blobs: `{}`, no bytes, and two gzipped empty tars. They hold no data, and untagged content that
 * no one can list shares them, so they are never deleted (safety rule 4).
 */
const EMPTY_BLOBS = new Set([
    'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4',
    'sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1',
]);
/** @returns the digest, or undefined when `text` is not one in canonical form. */
function parseDigest(text) {
    return typeof text === 'string' && CANONICAL.test(text) ? text : undefined;
}
/** @returns the sha256 digest of `bytes`. */
function sha256(bytes) {
    return `sha256:${(0,external_node_crypto_.createHash)('sha256').update(bytes).digest('hex')}`;
}
/** @returns whether `bytes` are what `digest` names, under the digest's own algorithm. */
function matches(digest, bytes) {
    const [algorithm = '', hex] = digest.split(':');
    return (0,external_node_crypto_.createHash)(algorithm).update(bytes).digest('hex') === hex;
}
/** @returns each digest written in `text`, once, in order of appearance. */
function digestsWrittenIn(text) {
    const hex = new Set(text.match(WRITTEN) ?? []);
    return [...hex].map((each) => `${each.length === 64 ? 'sha256' : 'sha512'}:${each}`);
}
/** @returns a digest short enough for a line of text, still unique in practice. */
function digest_short(digest) {
    const [algorithm, hex = ''] = digest.split(':');
    return `${algorithm}:${hex.slice(0, 12)}`;
}

;// CONCATENATED MODULE: ./src/oci/tag.ts
/** OCI distribution-spec 1.1, "Pulling manifests": the grammar of a tag. */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
/** The referrers tag of the specification (the encoded part is cut to 64 signs there), and the three tags of cosign. */
const DERIVED = /^((?:sha256|sha512)-[0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/;
/** @returns the tag, or undefined when `text` does not fit the grammar. */
function parseTag(text) {
    return typeof text === 'string' && TAG.test(text) ? text : undefined;
}
/**
 * @returns for a tag that belongs to a manifest by its name (`sha256-<hex>`, `.sig`, `.att`, `.sbom`) the key of that
 * manifest, to be compared with `keyOf`; undefined for every other tag
 */
function subjectKey(tag) {
    return DERIVED.exec(tag)?.[1];
}
/** @returns what the tags begin with that belong to this manifest by their name (distribution-spec 1.1, end-12) */
function keyOf(digest) {
    const [algorithm = '', hex = ''] = digest.split(':');
    return `${algorithm}-${hex.slice(0, 64)}`;
}

;// CONCATENATED MODULE: ./src/oci/glob.ts

/**
 * @returns whether an entry of `protected-tags` is about a tag. One that belongs to an image by its name goes and stays
 * with that image: only an entry that is its whole name protects it
 */
function guards(glob, tag) {
    return subjectKey(tag) === undefined ? glob.matches(tag) : glob.text === tag;
}
const TAGS = { what: 'tag', literal: /[A-Za-z0-9._-]/, member: /^[A-Za-z0-9._-]+$/ };
const REPOSITORIES = { what: 'repository', literal: /[a-z0-9._/-]/, member: /^[a-z0-9._-]+$/ };
const ALTERNATIVES = 1000;
/**
 * Compiles a glob for tags: `*` and `**` any run of characters (a tag holds no `/`), `?` one character, `[a-z]` one of
 * a class, `{a,b}` one of several. The whole name must match. No regular expression is made of it: some would take
 * for ever on a long name.
 *
 * @returns the glob, or a sentence that says what is wrong with it
 */
function compileTagGlob(text) {
    return compile(text, TAGS);
}
/**
 * As for tags, but that only `**` matches a slash.
 *
 * @returns the glob, or a sentence that says what is wrong with it
 */
function compileRepositoryGlob(text) {
    return compile(text, REPOSITORIES);
}
function compile(text, names) {
    const foreign = [...text].find((sign) => !names.literal.test(sign) && !'*?[]{},'.includes(sign));
    if (foreign !== undefined)
        return `no ${names.what} can hold ${JSON.stringify(foreign)}: these are globs (* ? [a-z] {a,b}), not regular expressions`;
    const flat = expand(text);
    if (typeof flat === 'string')
        return flat;
    const patterns = [];
    for (const each of flat) {
        const steps = stepsOf(each, names);
        if (typeof steps === 'string')
            return steps;
        patterns.push(steps);
    }
    return { text, matches: (name) => patterns.some((steps) => fits(steps, name)) };
}
/** Writes out the braces, the innermost first. */
function expand(text) {
    let open = [text];
    for (;;) {
        const next = [];
        let found = false;
        for (const each of open) {
            const inner = /\{([^{}]*)\}/.exec(each);
            if (inner === null)
                next.push(each);
            else {
                found = true;
                const [before, after] = [each.slice(0, inner.index), each.slice(inner.index + inner[0].length)];
                for (const part of (inner[1] ?? '').split(','))
                    next.push(`${before}${part}${after}`);
            }
        }
        if (next.length > ALTERNATIVES)
            return `it stands for more than ${ALTERNATIVES} globs`;
        if (!found)
            break;
        open = next;
    }
    const [first = ''] = open;
    const closing = first.indexOf('}');
    if (closing >= 0 && !first.slice(0, closing).includes('{'))
        return 'a } without {';
    if (first.includes('{'))
        return 'a { without }';
    if (open.some((each) => each.includes(',')))
        return 'a comma outside { }, which no name can hold';
    return [...new Set(open)];
}
function stepsOf(text, names) {
    const steps = [];
    for (let at = 0; at < text.length; at++) {
        const sign = text.charAt(at);
        if (sign === '*') {
            const last = steps.at(-1);
            // A run that follows a part takes everything that the part could.
            if (last === 'part')
                steps[steps.length - 1] = 'run';
            else if (last !== 'run')
                steps.push('part');
        }
        else if (sign === '?')
            steps.push('any');
        else if (sign === ']')
            return 'a ] without [';
        else if (sign !== '[')
            steps.push(new Set(sign));
        else {
            const end = text.indexOf(']', at + 1);
            const members = classOf(end < 0 ? '' : text.slice(at + 1, end), names);
            if (typeof members === 'string')
                return members;
            steps.push(members);
            at = end;
        }
    }
    return steps;
}
function classOf(inner, names) {
    if (!names.member.test(inner))
        return 'the class [ ] is empty, not closed, or holds a sign of a glob';
    const members = new Set();
    for (let at = 0; at < inner.length; at++) {
        const first = inner.charCodeAt(at);
        const isRange = inner.charAt(at + 1) === '-' && at + 2 < inner.length;
        const last = isRange ? inner.charCodeAt(at + 2) : first;
        if (last < first)
            return `the range in [${inner}] runs backwards`;
        for (let code = first; code <= last; code++)
            members.add(String.fromCharCode(code));
        if (isRange)
            at += 2;
    }
    return members;
}
/**
 * Goes back to the last part while that can grow, else to the last run: what earlier ones could give, these can, too.
 */
function fits(steps, name) {
    let step = 0;
    let at = 0;
    const part = { step: -1, from: 0 };
    const run = { step: -1, from: 0 };
    while (at < name.length) {
        const wanted = steps[step];
        const sign = name.charAt(at);
        if (wanted === 'run') {
            run.step = step++;
            run.from = at;
            part.step = -1;
        }
        else if (wanted === 'part') {
            part.step = step++;
            part.from = at;
        }
        else if (wanted !== undefined && (wanted === 'any' ? sign !== '/' : wanted.has(sign))) {
            step++;
            at++;
        }
        else if (part.step >= 0 && name.charAt(part.from) !== '/') {
            step = part.step + 1;
            at = ++part.from;
        }
        else if (run.step >= 0) {
            step = run.step + 1;
            at = ++run.from;
            part.step = -1;
        }
        else
            return false;
    }
    while (steps[step] === 'run' || steps[step] === 'part')
        step++;
    return step === steps.length;
}

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
;// CONCATENATED MODULE: ./src/config/values.ts
/** Trims ASCII white space, and no other: a BOM or a no-break space is a mistake that must be seen. */
function trim(text) {
    return text.replace(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, '');
}
/** @returns entries of a list: a line each, or commas outside `{}` and `[]`; no blanks, no lines that begin with `#`. */
function list(text) {
    const entries = [];
    for (const line of text.split(/\r\n|\n|\r/)) {
        if (trim(line).startsWith('#'))
            continue;
        let depth = 0;
        let entry = '';
        for (const sign of line) {
            if (sign === '{' || sign === '[')
                depth++;
            if (sign === '}' || sign === ']')
                depth = Math.max(0, depth - 1);
            if (sign === ',' && depth === 0) {
                entries.push(entry);
                entry = '';
            }
            else
                entry += sign;
        }
        entries.push(entry);
    }
    return entries.map(trim).filter((entry) => entry !== '');
}
/** The spellings of YAML 1.2's core schema. */
function values_boolean(text) {
    if (['true', 'True', 'TRUE'].includes(text))
        return { value: true };
    if (['false', 'False', 'FALSE'].includes(text))
        return { value: false };
    return { wrong: '`true` or `false` is accepted' };
}
/** A whole number in decimal within a range. */
function whole(text, least, most) {
    const value = /^(?:0|[1-9][0-9]{0,8})$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most)
        return { value };
    return { wrong: `a whole number from ${least} to ${most} is accepted` };
}
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST = 36_500 * 86_400_000;
/** @returns milliseconds of a duration such as `500ms`, `90s`, `15m`, `36h` or `14d`. */
function duration(text, zero) {
    const [, digits, unit = ''] = /^(0|[1-9][0-9]{0,11})(ms|s|m|h|d)$/.exec(text) ?? [];
    const value = digits === undefined ? Number.NaN : Number(digits) * (UNITS[unit] ?? Number.NaN);
    if (value > LONGEST)
        return { wrong: 'a duration of at most `36500d` is accepted' };
    if (Number.isNaN(value))
        return { wrong: 'a duration such as `0s`, `500ms`, `90s`, `15m`, `36h` or `14d` is accepted' };
    if (value === 0 && !zero)
        return { wrong: 'a duration of more than 0 is accepted' };
    return { value };
}
/** One of some words. */
function word(text, words) {
    const value = words.find((each) => each === text);
    return value === undefined
        ? { wrong: `one of ${words.map((each) => `\`${each}\``).join(', ')} is accepted` }
        : { value };
}
const SHOWN = 200;
/** @returns a value for a message: quoted, bounded, and without user and password of a URL. */
function shown(value) {
    const bare = withoutCredentials(value).replace(/^(\w+:\/\/)[^@]*:[^@]*$/, (whole, scheme) => /:\d+$/.test(whole) ? whole : `${scheme}…`);
    return JSON.stringify(bare.length > SHOWN ? `${bare.slice(0, SHOWN)}…` : bare);
}
/** @returns a value without what stands in front of an @ that no digest follows, as in `https://user:password@host`. */
function withoutCredentials(value) {
    return value
        .split('\n')
        .map((line) => {
        const last = line
            .replace(/@sha(?:256|512):[^,@]*/g, (found) => ' '.repeat(found.length))
            .lastIndexOf('@');
        if (last < 0)
            return line;
        // A password may hold any sign, also a comma or a slash, so all before the last @ goes, but for the scheme.
        return `${/^[\w.+-]*:\/\//.exec(line)?.[0] ?? ''}***${line.slice(last)}`;
    })
        .join('\n');
}

;// CONCATENATED MODULE: ./src/config/authorities.ts



const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
/**
 * Reads `ca-certificate`: PEM text, or the path of a PEM file.
 *
 * @returns the certificates, each as PEM text
 */
function authorities(text) {
    const inline = text.includes('-----BEGIN');
    let pem = text;
    if (!inline) {
        try {
            pem = (0,external_node_fs_.readFileSync)(text, 'utf8');
        }
        catch (error) {
            const code = error.code ?? 'unknown';
            return {
                wrong: `the file ${named(text)} cannot be read (${code}); PEM text, or the path of a PEM file, is accepted`,
            };
        }
    }
    const where = inline ? 'the text' : `the file ${named(text)}`;
    if (pem.includes('PRIVATE KEY-----'))
        return { wrong: `${where} holds a private key, which does not belong here` };
    const found = pem.match(CERTIFICATE) ?? [];
    if (found.length === 0)
        return { wrong: `${where} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)` };
    for (const [at, each] of found.entries()) {
        try {
            new external_node_crypto_.X509Certificate(each);
        }
        catch {
            return { wrong: `certificate ${at + 1} in ${where} cannot be read: it is damaged or cut off` };
        }
    }
    return { value: [...found] };
}
/** @returns whether a text may be repeated as a path: a key that lost its frame or its line breaks holds no dot. */
function isPathLike(text) {
    return /^[^\r\n]{1,255}$/.test(text) && text.includes('.') && !text.includes('-----');
}
function named(text) {
    return isPathLike(text) ? shown(text) : 'that it names';
}

;// CONCATENATED MODULE: ./src/oci/instant.ts
/** RFC 3339, "Internet Date/Time Format", with its lower-case letters and without its leap seconds. */
const INSTANT = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,30}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
/** 0000-01-01 and the end of 9999. */
const [FIRST, END] = [-62_167_219_200_000, 253_402_300_800_000];
/**
 * Reads a time as RFC 3339 writes it, to the microsecond: what one build made in a row can differ by less than a
 * millisecond.
 *
 * @returns milliseconds since the epoch, with a fraction, or undefined where it is none, such as the 30th of February
 */
function parseInstant(text) {
    const parts = INSTANT.exec(text);
    if (parts === null)
        return undefined;
    const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
    const [fraction = '', sign, offHour = '0', offMinute = '0'] = parts.slice(7);
    if (hour > 23 || minute > 59 || second > 59 || Number(offHour) > 23 || Number(offMinute) > 59)
        return undefined;
    const date = new Date(0);
    // Not Date.UTC, which takes a year below 100 for one of the 20th century.
    date.setUTCFullYear(year, month - 1, day);
    if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day)
        return undefined;
    const offset = (Number(offHour) * 60 + Number(offMinute)) * (sign === '-' ? -1 : 1);
    const local = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
    const instant = local - offset * 60_000 + Math.floor(Number(`0.${fraction}0`) * 1e6) / 1000;
    // An offset can lead out of the years that the form has.
    return instant < FIRST || instant >= END ? undefined : instant;
}

;// CONCATENATED MODULE: ./src/oci/reference.ts


/** OCI distribution-spec 1.1: the grammar of `<name>`; the length is the one that common clients keep to. */
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const REPOSITORY_LENGTH = 255;
/** @returns the repository name, or undefined when `text` does not fit the grammar. */
function parseRepository(text) {
    return text.length <= REPOSITORY_LENGTH && REPOSITORY.test(text) ? text : undefined;
}
/**
 * Takes a reference apart: `[host/]repository[:tag][@digest]`.
 *
 * @param text the reference, without white space around it
 * @param isHost tells of a first component that holds a dot whether it is a host; one with a colon, or `localhost`,
 *   always is
 * @returns the reference, or a sentence that says what is wrong
 */
function parseReference(text, isHost) {
    if (text.includes('://'))
        return 'write the host without a scheme';
    const at = text.indexOf('@');
    const name = at < 0 ? text : text.slice(0, at);
    const digest = at < 0 ? undefined : parseDigest(text.slice(at + 1));
    if (at >= 0 && digest === undefined)
        return 'the digest must be sha256: and 64 lower-case hex digits';
    const slash = name.indexOf('/');
    const first = slash < 0 ? '' : name.slice(0, slash);
    const hosted = first !== '' && (first.includes(':') || first === 'localhost' || (first.includes('.') && isHost(first)));
    const path = hosted ? name.slice(slash + 1) : name;
    const colon = path.indexOf(':');
    const repository = parseRepository(colon < 0 ? path : path.slice(0, colon));
    if (repository === undefined)
        return 'the repository is not a valid name (lower-case letters, digits, . _ - and /)';
    const tag = colon < 0 ? undefined : parseTag(path.slice(colon + 1));
    if (colon >= 0 && tag === undefined)
        return 'the tag is not a valid name (letters, digits, . _ -, at most 128)';
    if (tag === undefined && digest === undefined)
        return 'neither a tag nor a digest is given';
    return {
        repository,
        ...(hosted && { host: first }),
        ...(tag !== undefined && { tag }),
        ...(digest !== undefined && { digest }),
    };
}

;// CONCATENATED MODULE: ./src/config/searched.ts



/**
 * Reads a list of repositories: names, and globs of them.
 *
 * @param input its name, for messages
 * @param text of the input
 * @param problems is added to
 */
function readSearched(input, text, problems) {
    const entries = list(text);
    if (entries.length === 0 && text !== '')
        problems.push(`${input}: it holds no entry; names or globs of repositories are accepted`);
    const searched = [];
    for (const entry of entries) {
        const name = parseRepository(entry);
        if (name !== undefined) {
            searched.push({ name });
            continue;
        }
        const glob = compileRepositoryGlob(entry);
        if (typeof glob === 'string')
            problems.push(`${input}: ${shown(entry)}: ${glob}`);
        else if (!/[*?[{]/.test(entry))
            problems.push(`${input}: ${shown(entry)}: it is no repository (lower-case letters, digits, . _ - and /, without the registry's host), and no glob`);
        else
            searched.push({ glob });
    }
    return searched;
}

;// CONCATENATED MODULE: ./src/config/cleanup.ts




/** What belongs to cleanup and to nothing else. */
const OWN = ['repositories', 'tags', 'older-than', 'keep-newest', 'as-of'];
const MOST = 1_000_000;
/**
 * Reads what selects tags by pattern, age and count.
 *
 * @param text of an input
 * @param now milliseconds since the epoch: `as-of` cannot be later
 * @param problems is added to
 * @returns undefined where none of these inputs is given, or something is wrong with them
 */
function readCleanup(text, now, problems) {
    const before = problems.length;
    const maxDeletions = parsed('max-deletions', text, (value) => whole(value, 0, MOST), 0, problems);
    const given = OWN.filter((name) => text(name) !== '');
    if (given.length === 0)
        return undefined;
    const named = ['image', 'blobs'].filter((name) => text(name) !== '');
    if (named.length > 0)
        problems.push(`${given.join(', ')}: ${belong(given)} to a cleanup, and ${named.map((name) => `\`${name}\``).join(' and ')} to an incident. One run is one of the two: leave one side out`);
    if (text('repositories') === '')
        problems.push(`repositories: it is not given, and ${given.map((name) => `\`${name}\``).join(', ')} ${given.length === 1 ? 'selects' : 'select'} in the repositories that it names`);
    if (text('tags') === '')
        problems.push('tags: it is not given. A cleanup selects by globs of tags, such as `debug-*`');
    if (text('older-than') === '' && text('keep-newest') === '')
        problems.push('older-than, keep-newest: neither is written. Say how old an image must be (`older-than: 14d`) or how many of the newest stay (`keep-newest: 10`); `0s` or `0` selects whatever matches');
    const repositories = text('repositories') === '' ? [] : readSearched('repositories', text('repositories'), problems);
    const { globs, except } = readTags(text('tags'), problems);
    const cleanup = {
        repositories,
        globs,
        except,
        olderThan: parsed('older-than', text, (value) => duration(value, true), 0, problems),
        keepNewest: parsed('keep-newest', text, (value) => whole(value, 0, MOST), 0, problems),
        asOf: parsed('as-of', text, (value) => instant(value, now), undefined, problems),
        maxDeletions,
    };
    return problems.length > before ? undefined : cleanup;
}
function belong(names) {
    return names.length === 1 ? 'it belongs' : 'they belong';
}
function parsed(name, text, parser, fallback, problems) {
    const value = text(name);
    if (value === '')
        return fallback;
    const found = parser(value);
    if ('value' in found)
        return found.value;
    problems.push(`${name}: ${shown(value)}: ${found.wrong}`);
    return fallback;
}
function instant(value, now) {
    const at = parseInstant(value);
    if (at === undefined)
        return { wrong: 'a time such as `2026-06-01T03:00:00Z` (RFC 3339, with its zone) is accepted' };
    if (at > now)
        return { wrong: 'it lies in the future, where nothing has an age yet; a time up to now is accepted' };
    return { value: at };
}
function readTags(text, problems) {
    const entries = list(text);
    const globs = [];
    const except = [];
    if (entries.length === 0 && text !== '')
        problems.push('tags: it holds no entry; globs of tags are accepted');
    for (const entry of entries) {
        const away = entry.startsWith('!');
        const glob = compileTagGlob(away ? entry.slice(1) : entry);
        if (entry === '!')
            problems.push('tags: "!": a glob has to follow the !');
        else if (typeof glob === 'string')
            problems.push(`tags: ${shown(entry)}: ${glob}`);
        else
            (away ? except : globs).push(away ? { ...glob, text: entry } : glob);
    }
    if (except.length > 0 && globs.length === 0)
        problems.push('tags: every entry takes away; at least one without ! is needed');
    return { globs, except };
}

;// CONCATENATED MODULE: ./src/config/client-tls.ts



/**
 * Reads `client-certificate` and `client-key`: PEM text or the path of a PEM file each, both or neither.
 *
 * @param plain whether the registry is asked over plain http, where no certificate is shown
 * @param problems is added to; no value of `client-key` is ever in it
 */
function readClientTls(certificate, key, plain, problems) {
    if (certificate === '' && key === '')
        return { secrets: [] };
    if (key === '')
        problems.push('client-key: it is empty although `client-certificate` is given: both or neither');
    if (certificate === '')
        problems.push('client-certificate: it is empty although `client-key` is given: both or neither');
    if (plain)
        problems.push('client-certificate: a registry over plain http (`http://`) never asks for one. Write `registry` with https, or leave it out');
    const chain = certificate === '' ? undefined : authorities(certificate);
    if (chain !== undefined && 'wrong' in chain)
        problems.push(`client-certificate: ${chain.wrong}`);
    const found = key === '' ? undefined : readKey(key, problems);
    const secrets = [found === undefined ? key : found.pem];
    if (chain === undefined || 'wrong' in chain || found?.parsed === undefined)
        return { secrets };
    const [own = ''] = chain.value;
    if (!new external_node_crypto_.X509Certificate(own).checkPrivateKey(found.parsed))
        problems.push('client-key: it does not belong to the first certificate in `client-certificate`. Give the key of that one, with the certificate in front of those that signed it');
    return {
        clientTls: { certificate: chain.value.join('\n'), key: found.pem },
        secrets,
        ...(found.path !== undefined && { keyPath: found.path }),
    };
}
/** Says what is wrong without ever repeating the value: it may be a key that lost its first line. */
function readKey(text, problems) {
    const inline = text.includes('-----BEGIN');
    let pem = text;
    if (!inline) {
        try {
            pem = (0,external_node_fs_.readFileSync)(text, 'utf8');
        }
        catch (error) {
            const { code = 'unknown' } = error;
            problems.push(`client-key: it is no PEM text (-----BEGIN PRIVATE KEY-----), and as a path it cannot be read (${code})`);
            return undefined;
        }
    }
    const key = { pem, ...(!inline && { path: text }) };
    try {
        return { ...key, parsed: (0,external_node_crypto_.createPrivateKey)(pem) };
    }
    catch (error) {
        const { code } = error;
        const encrypted = code === 'ERR_MISSING_PASSPHRASE' || pem.includes('ENCRYPTED');
        problems.push(encrypted
            ? 'client-key: it is encrypted, and there is no input for a passphrase. Give it without encryption, as a secret'
            : `client-key: ${inline ? 'the text' : 'the file'} holds no private key in PEM form that can be read: it is damaged, cut off, or something else`);
        return key;
    }
}

;// CONCATENATED MODULE: ./src/config/declared.ts
/**
 * The inputs of action.yml with their defaults, undefined where there is none. A test compares the two, so a change in
 * one place alone is noticed.
 */
const DECLARED = {
    registry: undefined,
    username: undefined,
    password: undefined,
    'ca-certificate': undefined,
    'client-certificate': undefined,
    'client-key': undefined,
    'tls-verify': 'true',
    image: undefined,
    blobs: undefined,
    repositories: undefined,
    tags: undefined,
    'older-than': undefined,
    'keep-newest': undefined,
    'as-of': undefined,
    'max-deletions': '100',
    scope: 'image',
    'shared-blobs': 'keep',
    'unreadable-tags': 'refuse',
    'search-repositories': undefined,
    'on-exposure': 'warn',
    'protected-tags': 'none',
    'dry-run': 'false',
    approve: 'any',
    reason: undefined,
    'verify-attempts': '5',
    'verify-interval': '1s',
    'verify-timeout': '5m',
    concurrency: '8',
    timeout: '30m',
    'report-file': undefined,
};
const NAMES = Object.keys(DECLARED);
/** What people write who mean one of the inputs. */
const MEANT = {
    tag: 'image',
    images: 'image',
    digest: 'image',
    repository: 'repositories',
    blob: 'blobs',
    layers: 'blobs',
    'exclude-tags': 'protected-tags',
    exclude: 'protected-tags',
    'keep-tags': 'protected-tags',
    protected: 'protected-tags',
    user: 'username',
    token: 'password',
    'registry-password': 'password',
    ca: 'ca-certificate',
    'ca-cert': 'ca-certificate',
    'client-cert': 'client-certificate',
    cert: 'client-certificate',
    key: 'client-key',
    insecure: 'tls-verify',
    host: 'registry',
    server: 'registry',
    attempts: 'verify-attempts',
    interval: 'verify-interval',
    comment: 'reason',
    search: 'search-repositories',
    unreadable: 'unreadable-tags',
    report: 'report-file',
    keep: 'keep-newest',
    'keep-last': 'keep-newest',
    'keep-latest': 'keep-newest',
    'keep-n': 'keep-newest',
    age: 'older-than',
    'min-age': 'older-than',
    'max-age': 'older-than',
    older: 'older-than',
    now: 'as-of',
    limit: 'max-deletions',
    max: 'max-deletions',
    'max-delete': 'max-deletions',
    'include-tags': 'tags',
    filter: 'tags',
};
/** Inputs that are planned and not there yet. */
const LATER = new Set(['resume', 'gc-command', 'gc-dry-run-command', 'restart-command']);
/** @returns the variable by which the runner hands over an input: upper case, blanks become `_`, hyphens stay. */
function variableOf(name) {
    return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;
}
/** @returns a sentence for each `INPUT_*` that is not declared: the runner only warns, and a guard would be missing. */
function undeclared(environment) {
    const known = new Set(NAMES.map(variableOf));
    return Object.keys(environment)
        .filter((variable) => variable.toUpperCase().startsWith('INPUT_') && !known.has(variable))
        .sort()
        .map((variable) => {
        const name = variable.slice('INPUT_'.length).toLowerCase();
        const hyphened = name.replaceAll('_', '-');
        return LATER.has(hyphened)
            ? `${JSON.stringify(name)} is not an input of this action yet: \`${hyphened}\` comes with a later version`
            : `${JSON.stringify(name)} is not an input of this action. The nearest is \`${nearest(hyphened)}\``;
    });
}
function nearest(hyphened) {
    const meant = Object.hasOwn(MEANT, hyphened) ? MEANT[hyphened] : undefined;
    if (meant !== undefined)
        return meant;
    const ranked = NAMES.map((candidate) => ({ candidate, far: distance(hyphened, candidate) }));
    return ranked.reduce((best, each) => (each.far < best.far ? each : best)).candidate;
}
/** Levenshtein's distance, on names cut to a length that no input has. */
function distance(written, name) {
    const one = written.slice(0, 64);
    let row = Array.from({ length: name.length + 1 }, (_, at) => at);
    for (let i = 1; i <= one.length; i++) {
        const next = [i];
        for (let j = 1; j <= name.length; j++) {
            const replaced = (row[j - 1] ?? 0) + (one[i - 1] === name[j - 1] ? 0 : 1);
            next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
        }
        row = next;
    }
    return row[name.length] ?? Infinity;
}

;// CONCATENATED MODULE: ./src/config/registry.ts
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
/**
 * Reads the address of a registry: `https://host[:port]`, `host[:port]`, or `http://host[:port]`.
 *
 * @returns its origin, as the URL standard writes it
 */
function registryOrigin(text) {
    const accepted = '`https://host[:port]`, `host[:port]` or `http://host[:port]` is accepted';
    const [, scheme = 'https', rest = text] = /^(https?):\/\/(.*)$/.exec(text) ?? [];
    if (rest.includes('@'))
        return { wrong: `credentials do not belong here but in \`username\` and \`password\`; ${accepted}` };
    if (!HOST.test(rest))
        return { wrong: accepted };
    try {
        return { value: apiOrigin(new URL(`${scheme}://${rest}`)) };
    }
    catch {
        return { wrong: accepted };
    }
}
/** @returns whether a host written in front of a reference is the registry's, by its scheme's default port. */
function isHostOf(origin, host) {
    try {
        return apiOrigin(new URL(`${new URL(origin).protocol}//${host}`)) === origin;
    }
    catch {
        return false;
    }
}
/** Docker Hub's API has a host of its own; these are the names by which people call it. */
const HUB = new Set(['docker.io', 'index.docker.io']);
function apiOrigin({ origin, protocol, host }) {
    return protocol === 'https:' && HUB.has(host) ? 'https://registry-1.docker.io' : origin;
}

;// CONCATENATED MODULE: ./src/config/named.ts




const FORMS = '`repository:tag`, `repository@sha256:…` or `repository:tag@sha256:…` is accepted';
const BLOB_FORMS = '`sha256:…` or `repository@sha256:…` is accepted';
/**
 * Reads `image` and `blobs` together: a bare blob digest belongs to the one repository of `image`.
 *
 * @param image text of the input
 * @param blobs text of the input
 * @param registry the origin in `registry`, if it is given and valid
 */
function readNames(image, blobs, registry) {
    const problems = [];
    const origins = new Set(registry === undefined ? [] : [registry]);
    const isHost = (component) => registry === undefined || isHostOf(registry, component);
    const read = (input, entry, forms) => {
        const reference = parseReference(entry, isHost);
        if (typeof reference === 'string') {
            problems.push(`${input}: ${shown(entry)}: ${reference}; ${forms}`);
            return undefined;
        }
        if (reference.host !== undefined) {
            const found = registry !== undefined && isHostOf(registry, reference.host)
                ? { value: registry }
                : registryOrigin(reference.host);
            if ('wrong' in found)
                problems.push(`${input}: ${shown(entry)}: the host is not valid; ${found.wrong}`);
            else
                origins.add(found.value);
        }
        return reference;
    };
    const found = new Collected();
    const images = list(image).flatMap((entry) => read('image', entry, FORMS) ?? []);
    for (const reference of images) {
        const problem = found.add(reference);
        if (problem !== undefined)
            problems.push(problem);
    }
    const repositories = [...new Set(images.map(({ repository }) => repository))];
    for (const entry of list(blobs)) {
        const bare = parseDigest(entry);
        let repository;
        let digest = bare;
        if (bare === undefined) {
            if (/^sha(?:256|512):/.test(entry)) {
                problems.push(`blobs: ${shown(entry)}: the digest must be sha256: and 64 lower-case hex digits; ${BLOB_FORMS}`);
                continue;
            }
            const reference = read('blobs', entry, BLOB_FORMS);
            if (reference === undefined)
                continue;
            if (reference.tag !== undefined || reference.digest === undefined) {
                problems.push(`blobs: ${shown(entry)}: a blob has a digest and no tag; ${BLOB_FORMS}`);
                continue;
            }
            ;
            ({ repository, digest } = reference);
        }
        else if (repositories.length === 1)
            repository = repositories[0];
        else {
            const why = repositories.length === 0 ? '`image` names no repository' : '`image` names several repositories';
            problems.push(`blobs: ${shown(entry)}: ${why}, so write \`repository@sha256:…\``);
            continue;
        }
        if (repository === undefined || digest === undefined)
            continue;
        if (EMPTY_BLOBS.has(digest))
            problems.push(`blobs: ${shown(entry)}: this is a well-known empty blob. It holds no data, everyone shares it, and it is never deleted; remove the line`);
        else {
            const problem = found.addBlob(repository, digest);
            if (problem !== undefined)
                problems.push(problem);
        }
    }
    if (origins.size > 1)
        problems.push(`registry: ${[...origins].join(' and ')} contradict each other: one run is for one registry`);
    const [origin] = origins;
    return { named: found.all(), problems, ...(origin !== undefined && origins.size === 1 && { origin }) };
}
/** Entries by repository; what is written twice counts once. */
class Collected {
    #all = new Map();
    /** @returns what contradicts an earlier entry */
    add({ repository, tag, digest }) {
        const of = this.#of(repository);
        if (tag === undefined) {
            if (digest !== undefined)
                of.digests.add(digest);
            return undefined;
        }
        const before = of.tags.get(tag);
        if (before !== undefined && digest !== undefined && before !== digest)
            return `image: ${repository}:${tag} is written with two digests, ${before} and ${digest}`;
        of.tags.set(tag, digest ?? before);
        return undefined;
    }
    /** @returns what contradicts an earlier entry */
    addBlob(repository, digest) {
        const of = this.#of(repository);
        if (of.digests.has(digest) || [...of.tags.values()].includes(digest))
            return `blobs: ${repository}@${digest} stands in \`image\`, too: a digest is a manifest's or a blob's, not both`;
        of.blobs.add(digest);
        return undefined;
    }
    all() {
        return [...this.#all.values()].map(({ repository, tags, digests, blobs }) => ({
            repository,
            tags: [...tags].map(([tag, digest]) => ({ tag, ...(digest !== undefined && { digest }) })),
            digests: [...digests],
            blobs: [...blobs],
        }));
    }
    #of(repository) {
        const known = this.#all.get(repository);
        if (known !== undefined)
            return known;
        const fresh = { repository, tags: new Map(), digests: new Set(), blobs: new Set() };
        this.#all.set(repository, fresh);
        return fresh;
    }
}

;// CONCATENATED MODULE: ./src/config/inputs.ts











/**
 * Reads all inputs strictly. It is their only reader, and sends nothing: with any problem there are no settings.
 *
 * @param environment the process's environment, where the runner put `INPUT_*`
 * @param now milliseconds since the epoch
 */
function readInputs(environment, now = Date.now()) {
    const problems = undeclared(environment);
    const text = (name) => trim(environment[variableOf(name)] ?? DECLARED[name] ?? '');
    for (const [name, value] of Object.entries(DECLARED)) {
        const given = environment[variableOf(name)];
        if (value !== undefined && given !== undefined && trim(given) === '')
            problems.push(`${name}: it arrived empty, although it has a default; probably an expression is misspelt. Leave it out, or write \${{ … || '${value}' }}`);
    }
    const parse = (name, parser, fallback) => {
        const value = text(name);
        if (value === '')
            return fallback;
        const parsed = parser(value);
        if ('value' in parsed)
            return parsed.value;
        problems.push(`${name}: ${SECRET.has(name) ? '' : `${shown(value)}: `}${parsed.wrong}`);
        return fallback;
    };
    const given = parse('registry', registryOrigin, undefined);
    const naming = readNames(text('image'), text('blobs'), given);
    problems.push(...naming.problems);
    const asked = problems.length;
    const cleanup = readCleanup(text, now, problems);
    const isCleanup = cleanup !== undefined || problems.length > asked;
    const names = list(`${text('image')}\n${text('blobs')}`);
    if (naming.named.length === 0 && names.length === 0 && !isCleanup)
        problems.push('image: nothing is named. Say what leaked in `image` (`repository:tag` or `repository@sha256:…`) or `blobs`; or, for a cleanup, select by `repositories` and `tags`');
    if (naming.origin === undefined &&
        given === undefined &&
        text('registry') === '' &&
        naming.problems.length === 0)
        problems.push(cleanup === undefined
            ? 'registry: it is not given, and no entry of `image` begins with a host'
            : 'registry: it is not given. A cleanup needs it: `https://host[:port]`');
    const username = text('username');
    const password = text('password');
    const basic = username !== '' && password !== '' ? { username, password } : undefined;
    if (username !== '' && password === '')
        problems.push('password: it is empty although `username` is given: both or neither. Is the secret available to this workflow?');
    if (username === '' && password !== '')
        problems.push('username: it is empty although `password` is given: both or neither');
    if (username.includes(':'))
        problems.push('username: Basic authentication cannot carry a colon in it; what follows the colon belongs in `password`');
    const origin = naming.origin ?? given;
    const tls = readClientTls(text('client-certificate'), text('client-key'), origin?.startsWith('http:') === true, problems);
    const protectedTags = readProtected(text('protected-tags'), naming.named, problems);
    const approved = parse('approve', approval, undefined);
    const reason = text('reason');
    const reportFile = text('report-file');
    if (reportFile.includes('\0'))
        problems.push('report-file: it holds a zero byte');
    const scope = parse('scope', (value) => word(value, ['image', 'tag']), 'image');
    if (scope === 'tag')
        problems.push(...onlyLabels(naming.named));
    const read = {
        scope,
        unreadableTags: parse('unreadable-tags', (value) => word(value, ['refuse', 'ignore']), 'refuse'),
        searched: readSearched('search-repositories', text('search-repositories'), problems),
        onExposure: parse('on-exposure', (value) => word(value, ['warn', 'fail']), 'warn'),
        sharedBlobs: parse('shared-blobs', (value) => word(value, ['keep', 'fail']), 'keep'),
        verifyTls: parse('tls-verify', values_boolean, true),
        authorities: parse('ca-certificate', authorities, []),
        dryRun: parse('dry-run', values_boolean, false),
        verifyAttempts: parse('verify-attempts', (value) => whole(value, 1, 100), 0),
        verifyInterval: parse('verify-interval', (value) => duration(value, true), 0),
        verifyTimeout: parse('verify-timeout', (value) => duration(value, false), 0),
        concurrency: parse('concurrency', (value) => whole(value, 1, 64), 1),
        timeout: parse('timeout', (value) => duration(value, false), 1),
    };
    const common = {
        problems,
        shown: inForce(text, origin, tls.keyPath),
        secrets: [...(password === '' ? [] : secretsOf({ username, password })), ...tls.secrets],
        ...(reportFile !== '' && { reportFile }),
        ...(reason !== '' && { reason }),
    };
    if (problems.length > 0 || naming.origin === undefined)
        return common;
    const settings = {
        ...read,
        origin: naming.origin,
        named: naming.named,
        ...protectedTags,
        shown: common.shown,
        ...(cleanup !== undefined && { cleanup }),
        ...(basic !== undefined && { basic }),
        ...(tls.clientTls !== undefined && { clientTls: tls.clientTls }),
        ...(approved !== undefined && { approved }),
        ...(reason !== '' && { reason }),
    };
    return { ...common, settings };
}
/** A label has no content: what names content does not go with `scope: tag`. */
function onlyLabels(named) {
    return named.flatMap(({ repository, digests, blobs }) => [
        ...digests.map((digest) => `scope: \`tag\` removes labels only, and ${repository}@${digest} in \`image\` names none: write \`${repository}:tag\`, or use \`scope: image\``),
        ...blobs.map((digest) => `scope: \`tag\` removes labels only, so ${repository}@${digest} in \`blobs\` does not go with it: leave it out, or use \`scope: image\``),
    ]);
}
const PEM = new Set(['ca-certificate', 'client-certificate']);
const SECRET = new Set(['password', 'ca-certificate']);
function secretsOf({ username, password }) {
    return [password, Buffer.from(`${username}:${password}`, 'utf8').toString('base64')];
}
/** @param keyPath of the client's key, where it is a file: what else stands there may be a key */
function inForce(text, origin, keyPath) {
    const all = {};
    for (const name of Object.keys(DECLARED)) {
        const value = text(name);
        if (value === '' || name === 'password')
            continue;
        if (name === 'username' && value.includes(':'))
            continue;
        if (name === 'client-key')
            all[name] = keyPath ?? '(not shown)';
        else if (PEM.has(name) && value.includes('-----BEGIN CERTIFICATE-----'))
            all[name] = '(PEM text)';
        else if (PEM.has(name) && !isPathLike(value))
            all[name] = '(not shown)';
        else if (name === 'registry')
            continue;
        else
            all[name] = withoutCredentials(value);
    }
    if (origin !== undefined)
        all['registry'] = origin;
    return all;
}
function approval(value) {
    if (value === 'any')
        return { value: undefined };
    const digest = parseDigest(value);
    if (digest?.startsWith('sha256:') === true)
        return { value: digest };
    return { wrong: '`any`, or a fingerprint such as `sha256:` and 64 lower-case hex digits, is accepted' };
}
function readProtected(text, named, problems) {
    const entries = list(text);
    if (entries.length === 1 && entries[0] === 'none')
        return { protectedTags: [], protectedNames: [] };
    if (entries.length === 0 && text !== '')
        problems.push('protected-tags: it holds no entry; name globs of tags, or write `none`');
    if (entries.includes('none'))
        problems.push('protected-tags: `none` stands alone');
    const protectedTags = [];
    const protectedNames = [];
    for (const entry of entries) {
        if (entry === 'none')
            continue;
        if (entry.startsWith('!')) {
            problems.push(`protected-tags: ${shown(entry)}: an entry cannot take away; globs without ! are accepted`);
            continue;
        }
        const glob = compileTagGlob(entry);
        if (typeof glob === 'string') {
            problems.push(`protected-tags: ${shown(entry)}: ${glob}`);
            continue;
        }
        protectedTags.push(glob);
        const plain = parseTag(entry);
        if (plain !== undefined)
            protectedNames.push(plain);
        for (const { repository, tags } of named)
            for (const { tag } of tags)
                if (guards(glob, tag))
                    problems.push(`protected-tags: ${shown(entry)} matches ${repository}:${tag}, which \`image\` names: a tag cannot both go and stay`);
    }
    return { protectedTags, protectedNames };
}

;// CONCATENATED MODULE: ./src/report/failure.ts
/** @returns the code of a system error, such as ENOSPC, or `unknown` */
function codeOf(error) {
    const code = error?.code;
    return typeof code === 'string' && /^\w+$/.test(code) ? code : 'unknown';
}

;// CONCATENATED MODULE: ./src/report/runner-file.ts


/** A file of the runner cannot be written. The message names the variable and says why. */
class RunnerFileError extends Error {
    name = 'RunnerFileError';
}
/**
 * Appends a text to a file that the runner made for the step, whole or not at all: half of an output would fail the
 * step, since the runner reads the file after it.
 *
 * @throws RunnerFileError if the variable is not set, or the file is gone or cannot be written
 */
function appendForRunner({ variable, path }, text) {
    if (path === undefined || path === '')
        throw new RunnerFileError(`${variable} is not set`);
    try {
        append(path, text);
    }
    catch (error) {
        throw new RunnerFileError(`${variable}: ${codeOf(error)}`);
    }
}
function append(path, text) {
    // Not created: where the runner's file is gone, the runner reads no other one.
    const file = (0,external_node_fs_.openSync)(path, external_node_fs_.constants.O_WRONLY | external_node_fs_.constants.O_APPEND);
    try {
        const { size } = (0,external_node_fs_.fstatSync)(file);
        try {
            (0,external_node_fs_.writeFileSync)(file, text);
        }
        catch (error) {
            shorten(file, size);
            throw error;
        }
    }
    finally {
        (0,external_node_fs_.closeSync)(file);
    }
}
/** Takes off what was written of a text that did not fit. */
function shorten(file, size) {
    try {
        (0,external_node_fs_.ftruncateSync)(file, size);
    }
    catch {
        // A device cannot be shortened, and why the text was not written is what matters.
    }
}

;// CONCATENATED MODULE: ./src/report/outputs.ts


const LONGEST_LIST = 400_000;
/** @returns every output of action.yml as text. @param path of the report's file */
function outputsOf(report, path) {
    const gone = new Map();
    for (const { result, manifests, blobs } of report.repositories)
        for (const { digest, verdict } of [...manifests, ...blobs])
            gone.set(digest, (gone.get(digest) ?? true) && (result === 'planned' || verdict === 'gone'));
    // Where a repository was refused nothing was purged, so nothing of it was kept.
    const kept = new Set(report.repositories.flatMap((each) => each.result === 'refused' ? [] : each.kept.map(({ digest }) => digest)));
    // What is gone in one repository and kept in another is not gone.
    const digests = [...gone].flatMap(([digest, yes]) => (yes && !kept.has(digest) ? [digest] : []));
    const exposed = new Set(report.repositories.flatMap((each) => each.exposed.map((found) => `${found.repository}@${found.digest}`)));
    return {
        result: report.result,
        verified: String(report.result === 'purged'),
        digests: outputs_list(digests),
        kept: outputs_list([...kept]),
        exposed: outputs_list([...exposed]),
        fingerprint: report.fingerprint ?? '',
        report: path,
        matrix: report.matrix === undefined ? '' : matrix(report.matrix),
    };
}
/**
 * Hands the outputs to the runner, all or none.
 *
 * @throws RunnerFileError
 */
function setOutputs(outputs, file) {
    const blocks = Object.entries(outputs).map(([name, value]) => {
        const end = `end_of_output_${(0,external_node_crypto_.randomUUID)()}`;
        return `${name}<<${end}\n${value}\n${end}\n`;
    });
    appendForRunner(file, blocks.join(''));
}
/** JSON, cut to valid JSON where it is too long for an output: a later run finds the rest. */
function matrix({ include }) {
    const fitting = [...include];
    for (;;) {
        const text = JSON.stringify({ include: fitting });
        if (text.length <= LONGEST_LIST || fitting.length === 0)
            return text;
        fitting.length = Math.min(fitting.length - 1, Math.floor((fitting.length * LONGEST_LIST) / text.length));
    }
}
/** Sorted JSON, cut to valid JSON where it is too long for an output; the report holds everything. */
function outputs_list(names) {
    const sorted = [...names].sort();
    const whole = JSON.stringify(sorted);
    if (whole.length <= LONGEST_LIST)
        return whole;
    const share = Math.floor((sorted.length * LONGEST_LIST) / whole.length);
    for (let most = share;; most--) {
        const cut = JSON.stringify(sorted.slice(0, most));
        if (cut.length <= LONGEST_LIST)
            return cut;
    }
}

;// CONCATENATED MODULE: ./src/report/marks.ts
/**
 * Marks the entries of one repository as `unknown` before a step sends anything for them, and takes back the marks of
 * those for which nothing was sent.
 */
class Marks {
    /** What the step may send that is not marked yet, with the note for a tag that a placeholder may take. */
    #pending = new Map();
    #marked = new Map();
    /** @param placeholder says what the tag may point to */
    intend(entry, placeholder) {
        this.#pending.set(entry, placeholder);
    }
    /** Marks all that is intended. @returns whether an entry changed */
    apply() {
        let changed = false;
        for (const [entry, placeholder] of this.#pending)
            changed = this.#mark(entry, placeholder) || changed;
        this.#pending.clear();
        return changed;
    }
    /** Marks one entry for which a request is sent now. @returns whether it changed */
    send(entry) {
        const changed = this.#mark(entry);
        const before = this.#marked.get(entry);
        if (before !== undefined)
            before.sent = true;
        return changed;
    }
    /** Takes the note of a mark off an entry whose outcome became known. */
    settle(entry) {
        const before = this.#marked.get(entry);
        if (before === undefined)
            return;
        restoreNote(entry, before);
        this.#marked.delete(entry);
    }
    /** Ends a step. @param all also what was sent: the request did not leave after all */
    withdraw(all = false) {
        for (const [entry, before] of this.#marked)
            if (all || !before.sent) {
                entry.outcome = before.outcome;
                restoreNote(entry, before);
            }
        this.#marked.clear();
        this.#pending.clear();
    }
    /**
     * What was deleted stays so when it is deleted again. A tag that a placeholder takes once more does not: until the
     * placeholder is gone, the tag is there.
     */
    #mark(entry, placeholder) {
        if (entry.outcome === 'deleted' && placeholder === undefined)
            return false;
        const { outcome } = entry;
        const note = 'tag' in entry ? { via: entry.via, reason: entry.reason } : {};
        if (!this.#marked.has(entry))
            this.#marked.set(entry, { outcome, ...note, sent: false });
        entry.outcome = 'unknown';
        if (!('tag' in entry) || placeholder === undefined)
            return outcome !== 'unknown';
        const changed = outcome !== 'unknown' || entry.reason !== placeholder;
        entry.via = 'placeholder';
        entry.reason = placeholder;
        return changed;
    }
}
function restoreNote(entry, { via, reason }) {
    if (!('tag' in entry))
        return;
    entry.via = via ?? null;
    entry.reason = reason ?? null;
}

;// CONCATENATED MODULE: ./src/report/report.ts
/** @returns a time in the form of RFC 3339. */
function time(ms) {
    return new Date(ms).toISOString();
}
/** @returns the entries of a report for what a plan says, before anything is done. */
function entriesOf(plan) {
    return plan.repositories.map(entryOf);
}
/** @returns the entry of a tag to which nothing has been done. */
function tagEntry({ tag, digest, onlyLabel }, selection) {
    const reason = selection === undefined || onlyLabel === undefined ? null : `only the label goes: ${onlyLabel}`;
    return {
        tag,
        digest: digest ?? null,
        outcome: 'planned',
        via: null,
        reason,
        ...(selection !== undefined && describeTag(digest, selection)),
    };
}
function describeTag(digest, selection) {
    const created = digest === undefined ? undefined : selection.created.get(digest);
    const size = digest === undefined ? undefined : selection.sizes.get(digest);
    return { created: created === undefined ? null : time(created), size: size ?? null };
}
/** Tags that match and stay. */
function unselectedEntries(selection) {
    return selection.unselected.map(({ tag, digest, because }) => ({
        tag,
        digest: digest ?? null,
        outcome: 'kept',
        via: null,
        reason: because,
        ...describeTag(digest, selection),
    }));
}
/** @returns the entry of content to which nothing has been done. */
function contentEntry({ digest, mediaType, size, }) {
    return {
        digest,
        mediaType,
        size: size ?? null,
        outcome: 'planned',
        verdict: 'unchecked',
        deletedAt: null,
        goneSince: null,
        goneUntil: null,
        rounds: 0,
        detail: null,
    };
}
/** @returns the entries of the tags that were to stay */
function remainingEntries(remaining) {
    return remaining.map(({ tag, digest, verdict, detail }) => ({
        tag,
        digest: digest ?? null,
        verdict,
        detail: detail ?? null,
    }));
}
/** @returns the entry of a repository of which a plan was made */
function entryOf(plan) {
    const { selection } = plan;
    return {
        ...emptyEntry(plan.repository),
        result: plan.refusals.length > 0 ? 'refused' : 'incomplete',
        problems: [...plan.refusals],
        warnings: [...plan.warnings],
        tags: [
            ...plan.tags.map((each) => tagEntry(each, selection)),
            ...(selection === undefined ? [] : unselectedEntries(selection)),
        ],
        manifests: plan.manifests.map(contentEntry),
        blobs: plan.blobs.map(contentEntry),
        kept: plan.kept.map(({ digest, heldBy }) => ({ digest, heldBy: [...heldBy] })),
    };
}
/** @returns the entry of a repository in which a cleanup selects nothing */
function idleEntry(repository, selection) {
    return { ...emptyEntry(repository), result: 'nothing-to-do', tags: unselectedEntries(selection) };
}
/** @returns the entry of a repository of which nothing can be told */
function refusedEntry(repository, why) {
    return { ...emptyEntry(repository), result: 'refused', problems: [why] };
}
function emptyEntry(name) {
    return {
        name,
        result: 'incomplete',
        problems: [],
        warnings: [],
        tags: [],
        manifests: [],
        blobs: [],
        kept: [],
        exposed: [],
        remaining: [],
    };
}

;// CONCATENATED MODULE: ./src/report/record.ts






const BETWEEN = 1000;
/**
 * The report's file: written whole and atomically, before the first write to the registry and at least once a second
 * while something happens, so that whatever ends the run leaves a true record.
 */
class Record {
    report;
    #clock;
    #started;
    #path;
    /** Which file is ours: another run with the same path renames it away, and must not be overwritten then. */
    #inode;
    #writtenAt = 0;
    #redact;
    /** Ends the wait for the next write. */
    #waiting;
    /**
     * @param path where the file goes; what stands there is renamed at the first write
     * @param redact takes credentials out of a text: a registry may echo a request
     */
    constructor(report, path, clock, redact) {
        this.report = report;
        this.#redact = redact;
        this.#clock = clock;
        this.#path = (0,external_node_path_.resolve)(path);
        this.#started = report.startedAt.replaceAll(':', '-');
    }
    /** Absolute path of the file. */
    get path() {
        return this.#path;
    }
    /**
     * Writes the file now.
     *
     * @throws Error of the file system
     */
    write() {
        this.#waiting?.abort();
        this.#waiting = undefined;
        redactTexts(this.report, this.#redact);
        makeFolder((0,external_node_path_.dirname)(this.#path));
        const draft = `${this.#path}.${(0,external_node_crypto_.randomUUID)()}.tmp`;
        try {
            const inode = writeDraft(draft, `${visible(JSON.stringify(this.report, null, 2))}\n`);
            if (this.#inode !== undefined && inodeOf(this.#path) === this.#inode)
                (0,external_node_fs_.renameSync)(draft, this.#path);
            else
                this.#claim(draft);
            this.#inode = inode;
        }
        catch (error) {
            // On a full disk of all places nothing may be left lying about.
            removeDraft(draft);
            throw error;
        }
        this.#writtenAt = this.#clock.now();
    }
    begin() {
        // What the step is about to change is written when it is about to be sent.
    }
    intend(repository, intents) {
        const marks = this.#marksOf(repository);
        for (const { item, placeholder } of intents) {
            const entry = this.#find(repository, item);
            if (entry !== undefined)
                marks.intend(entry, placeholder);
        }
    }
    /**
     * Before the first request of a step: marks all that the step may send, makes the results `incomplete`, and writes the
     * file. Later requests of the step change nothing in the file, and write nothing.
     *
     * @returns why the file could not be written, if that is to be told: the run goes on, since it has sent something
     * @throws Error of the file system if the file cannot be written and nothing was sent yet: nothing may be sent then
     */
    about(repository, item) {
        if (this.#refusal !== undefined)
            throw this.#refusal;
        const marks = this.#marksOf(repository);
        const entry = item === undefined ? undefined : this.#find(repository, item);
        const own = this.#repository(repository);
        const before = { run: this.report.result, own: own?.result };
        const marked = [marks.apply(), entry !== undefined && marks.send(entry)].includes(true);
        this.report.result = 'incomplete';
        if (own !== undefined)
            own.result = 'incomplete';
        const changed = marked || before.run !== 'incomplete' || (before.own ?? 'incomplete') !== 'incomplete';
        const failure = changed ? this.#tryToWrite() : undefined;
        if (failure === undefined || this.#sent) {
            this.#sent = true;
            return failure === undefined ? undefined : this.#tellOnce(failure);
        }
        marks.withdraw(true);
        this.report.result = before.run;
        if (own !== undefined && before.own !== undefined)
            own.result = before.own;
        this.#refusal = failure;
        throw failure;
    }
    withdraw(repository) {
        this.#marksOf(repository).withdraw();
    }
    done(repository, done) {
        const entry = this.#find(repository, done.item);
        if (entry !== undefined) {
            this.#marksOf(repository).settle(entry);
            entry.outcome = done.outcome;
            if ('tag' in entry) {
                entry.via = done.via ?? entry.via;
                entry.reason = done.detail ?? entry.reason;
            }
            else {
                if (done.outcome === 'deleted')
                    entry.deletedAt ??= time(done.at);
                entry.detail = done.detail ?? null;
            }
        }
        this.#writeOften(false);
    }
    release(repository, { tags, manifests, blobs }) {
        const entry = this.#repository(repository);
        if (entry === undefined)
            return;
        const digests = new Set([...manifests, ...blobs].map(({ digest }) => digest));
        entry.tags.push(...tags.map((each) => tagEntry(each)));
        entry.manifests.push(...manifests.map(contentEntry));
        entry.blobs.push(...blobs.map(contentEntry));
        entry.kept = entry.kept.filter(({ digest }) => !digests.has(digest));
        this.#index.delete(repository);
    }
    note() {
        // What was said in passing stands in the log.
    }
    end(repository) {
        this.withdraw(repository);
        this.#writeOften(true);
    }
    /** Takes in how items stand after a round. */
    standings(repository, standings) {
        for (const { item, verdict, rounds, goneSince, goneUntil } of standings) {
            const entry = this.#find(repository, item);
            if (entry === undefined || 'tag' in entry)
                continue;
            entry.verdict = verdict;
            entry.rounds = rounds;
            entry.goneSince = goneSince === undefined ? null : time(goneSince);
            entry.goneUntil = goneUntil === undefined ? null : time(goneUntil);
        }
        this.#writeOften(false);
    }
    #marks = new Map();
    /** A request that changes state may have been sent. */
    #sent = false;
    /** Why nothing may be sent: the file could not be written before the first request. */
    #refusal;
    #told = false;
    #marksOf(repository) {
        const marks = this.#marks.get(repository) ?? new Marks();
        this.#marks.set(repository, marks);
        return marks;
    }
    /** @returns the failure, or undefined if the file is written or was never to be */
    #tryToWrite() {
        if (this.#inode === undefined)
            return undefined;
        try {
            this.write();
            return undefined;
        }
        catch (error) {
            this.#writtenAt = this.#clock.now();
            return error;
        }
    }
    #tellOnce(failure) {
        if (this.#told)
            return undefined;
        this.#told = true;
        return `report-file: the report could not be written to ${this.#path} (${codeOf(failure)}). The run goes on; if it is killed, the file there does not tell what was done since`;
    }
    #index = new Map();
    #repository(name) {
        return this.report.repositories.find((each) => each.name === name);
    }
    #find(name, item) {
        let index = this.#index.get(name);
        if (index === undefined) {
            const entry = this.#repository(name);
            index = new Map();
            for (const each of entry?.tags ?? [])
                index.set(each.tag, each);
            for (const each of [...(entry?.manifests ?? []), ...(entry?.blobs ?? [])])
                index.set(each.digest, each);
            this.#index.set(name, index);
        }
        return index.get(item.name);
    }
    /** Writes now, or when a second has passed since the last time: what is in flight meanwhile stands in the file. */
    #writeOften(now) {
        if (this.#inode === undefined)
            return;
        const left = this.#writtenAt + BETWEEN - this.#clock.now();
        if (now || left <= 0)
            this.#tryToWrite();
        else if (this.#waiting === undefined) {
            const waiting = new AbortController();
            this.#waiting = waiting;
            void this.#clock.sleep(left, waiting.signal).then(() => {
                if (!waiting.signal.aborted)
                    this.#tryToWrite();
            });
        }
    }
    /** Takes the path without ever overwriting: what stands there is renamed first, and a link fails where one stands. */
    #claim(draft) {
        if (this.#inode !== undefined)
            this.#path = this.#beside();
        for (let tries = 0; tries < 10; tries++) {
            const standing = (0,external_node_fs_.lstatSync)(this.#path, { throwIfNoEntry: false });
            // Only a file gives way: a folder or a device at this path is a mistake, and is left as it is.
            if (standing?.isFile() === true || standing?.isSymbolicLink() === true)
                (0,external_node_fs_.renameSync)(this.#path, this.#beside());
            if (place(draft, this.#path))
                return;
        }
        throw Object.assign(new Error('the path is taken'), { code: 'EEXIST', syscall: 'link' });
    }
    /** A name beside the path that is not taken: the name and this run's start time. */
    #beside() {
        const extension = (0,external_node_path_.extname)(this.#path);
        const stem = (0,external_node_path_.join)((0,external_node_path_.dirname)(this.#path), `${(0,external_node_path_.basename)(this.#path, extension)}-${this.#started}`);
        for (let number = 1;; number++) {
            const path = `${stem}${number === 1 ? '' : `-${number}`}${extension}`;
            if (!(0,external_node_fs_.existsSync)(path))
                return path;
        }
    }
}
function removeDraft(path) {
    try {
        (0,external_node_fs_.rmSync)(path, { force: true });
    }
    catch {
        // Why the report could not be written is what matters.
    }
}
/** Writes a new file to the disk. @returns its inode */
function writeDraft(path, text) {
    const file = (0,external_node_fs_.openSync)(path, 'wx', 0o644);
    try {
        (0,external_node_fs_.writeFileSync)(file, text);
        (0,external_node_fs_.fsyncSync)(file);
        return (0,external_node_fs_.fstatSync)(file).ino;
    }
    finally {
        (0,external_node_fs_.closeSync)(file);
    }
}
/** One level after the other: Node's own recursive way never ends below a folder that takes no folder, such as /proc. */
function makeFolder(path) {
    if ((0,external_node_fs_.existsSync)(path))
        return;
    makeFolder((0,external_node_path_.dirname)(path));
    try {
        (0,external_node_fs_.mkdirSync)(path);
    }
    catch (error) {
        if (error.code !== 'EEXIST')
            throw error;
    }
}
/** File systems without hard links answer so. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);
/** Puts a file at a path where nothing stands. @returns false where something does */
function place(draft, path) {
    try {
        (0,external_node_fs_.linkSync)(draft, path);
        (0,external_node_fs_.unlinkSync)(draft);
        return true;
    }
    catch (error) {
        const { code } = error;
        if (code === 'EEXIST')
            return false;
        if (code === undefined || !NO_LINKS.has(code))
            throw error;
        if ((0,external_node_fs_.existsSync)(path))
            return false;
        (0,external_node_fs_.renameSync)(draft, path);
        return true;
    }
}
function inodeOf(path) {
    return (0,external_node_fs_.statSync)(path, { throwIfNoEntry: false })?.ino;
}
/** What acts on a terminal, or hides, is written as an escape: the values are the same, and all of them can be seen. */
function visible(json) {
    return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) => sign === '\n'
        ? sign
        : [...Array(sign.length).keys()]
            .map((at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`)
            .join(''));
}
/** Free text loses credentials; digests, tags and the like cannot hold any. */
function redactTexts(report, redact) {
    const all = (texts) => texts.forEach((text, at) => (texts[at] = redact(text)));
    all(report.problems);
    all(report.warnings);
    report.reason &&= redact(report.reason);
    for (const [name, value] of Object.entries(report.inputs))
        report.inputs[name] = redact(value);
    for (const entry of report.repositories) {
        all(entry.problems);
        all(entry.warnings);
        for (const tag of entry.tags)
            tag.reason &&= redact(tag.reason);
        for (const content of [...entry.manifests, ...entry.blobs]) {
            content.mediaType = redact(content.mediaType);
            content.detail &&= redact(content.detail);
        }
        for (const remaining of entry.remaining)
            remaining.detail &&= redact(remaining.detail);
    }
}

;// CONCATENATED MODULE: ./src/plan/order.ts
/** By code units: the same on every machine, whatever its locale. */
function compare(one, other) {
    return one < other ? -1 : one > other ? 1 : 0;
}

;// CONCATENATED MODULE: ./src/plan/cleanup/age.ts

/**
 * Builds that want to be the same every time write a date at the beginning of some epoch, which says nothing: up to the 2nd
 * of January 1980, for those in every time zone that write the 1st.
 */
const age_FIRST = Date.UTC(1980, 0, 3);
/** Clocks of builders go wrong by so much. */
const AHEAD = 3_600_000;
const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;
/** @returns whether dates decide anything, and so have to be asked for */
function needsDates({ olderThan, keepNewest }) {
    return olderThan > 0 || keepNewest > 0;
}
/** @returns the images whose dates decide: with `keep-newest` protected ones, too, since they fill places */
function dated(images, { keepNewest }) {
    return new Set([...images].flatMap(({ digest, tags }) => (tags.length > 0 || keepNewest > 0 ? [digest] : [])));
}
/**
 * Finds out which images stay for their date. One whose date cannot be told is never selected, and takes no place among
 * the newest from one whose date can.
 *
 * @param images that match
 * @param created what `dated` asked for
 * @returns why, for each that stays
 */
function stayForAge(images, created, ages) {
    const staying = new Map();
    if (!needsDates(ages))
        return staying;
    const { olderThan, keepNewest, asOf } = ages;
    const known = [];
    for (const digest of images.keys()) {
        const date = judge(created.get(digest), asOf);
        if (typeof date === 'string')
            staying.set(digest, date);
        else
            known.push({ digest, at: date });
    }
    // Where two were created at the same moment, the digest decides: the same in every run.
    known.sort((one, other) => other.at - one.at || compare(one.digest, other.digest));
    for (const [place, { digest, at }] of known.entries()) {
        const age = asOf - at;
        if (place < keepNewest)
            staying.set(digest, `number ${place + 1} of the newest, and keep-newest is ${keepNewest}`);
        else if (olderThan > 0 && age <= olderThan)
            staying.set(digest, `created ${span(age)} ago, and older-than is ${span(olderThan)}`);
    }
    return staying;
}
/** @returns the date, or why it is none */
function judge(created, asOf) {
    if (created === undefined)
        return 'its date is not known';
    if (created.is === 'unknown')
        return `its date is not known: ${created.why}`;
    const stated = `its date is ${new Date(created.at).toISOString()}`;
    if (created.at < age_FIRST)
        return `${stated}, which says nothing`;
    if (created.at > asOf + AHEAD)
        return `${stated}, which lies in the future`;
    return created.at;
}
/** @returns a length of time in the unit that reads best, such as `14d`, `36h` or `5m` */
function span(ms) {
    if (ms < 0)
        return '0m';
    if (ms >= 3 * DAY)
        return `${Math.floor(ms / DAY)}d`;
    if (ms >= 3 * HOUR)
        return `${Math.floor(ms / HOUR)}h`;
    return ms >= MINUTE ? `${Math.floor(ms / MINUTE)}m` : `${Math.floor(ms / 1000)}s`;
}

;// CONCATENATED MODULE: ./src/report/text.ts
const LONGEST_LINE = 4000;
/** Control and format characters, line and paragraph separators: bidi marks and the BOM are among them. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
/**
 * Makes one line of text harmless for a log that the runner reads for commands: it takes `::name::` at the start of a
 * line, after white space, and `##[name]` anywhere in one. What cannot be seen becomes visible.
 *
 * @param text any text, also from the wire
 * @returns a single line
 */
function plainLine(text) {
    const seen = text
        .replace(UNSEEN, (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
        .replaceAll('##[', '##\\[')
        .replace(/^(\s*)::/, '$1\\::');
    return seen.length > LONGEST_LINE ? `${seen.slice(0, LONGEST_LINE)}… (${seen.length} characters)` : seen;
}
/** As `plainLine`, for a text of our own that has line breaks: what came over the wire has none left in it. */
function plain(text) {
    return text.split('\n').map(plainLine).join('\n');
}
/** @returns text for Markdown, as code: nothing in it renders, not even a link. */
function code(text) {
    return `\`${plainLine(text).replaceAll('`', "'").replaceAll('|', '¦')}\``;
}
/**
 * @returns a sentence of ours for Markdown, in which texts from elsewhere may stand: every sign that Markdown or HTML
 * acts on is escaped
 */
function prose(text) {
    return (plain(text)
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&')
        // GitHub makes links of names, addresses and numbers even where they are escaped, but not of a digest.
        .replace(/\\#(?=\d)/g, '\\#&#8203;')
        .replace(/@(?!sha(?:256|512):)/g, '&#64;&#8203;')
        .replaceAll('@', '&#64;')
        .replaceAll('://', ':&#8203;//')
        .replace(/www\./gi, (found) => `${found.slice(0, 3)}&#8203;.`)
        .replaceAll('\n', '<br>'));
}
/** @returns `1 tag`, `2 tags` */
function count(number, noun) {
    return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
/** @returns bytes in the unit that reads best, or `?` where the size is not known. */
function bytes(size) {
    if (size === undefined || size === null)
        return '?';
    if (size < 1024)
        return `${size} B`;
    const units = ['KiB', 'MiB', 'GiB', 'TiB'];
    let value = size;
    let unit = 'B';
    for (const next of units) {
        if (value < 1024)
            break;
        value /= 1024;
        unit = next;
    }
    return `${value.toFixed(1)} ${unit}`;
}
/** @returns the first `most` entries, and how many more there are. */
function some(list, most) {
    const rest = list.length - most;
    return rest <= 0 ? list.join(', ') : `${list.slice(0, most).join(', ')} and ${rest} more`;
}

;// CONCATENATED MODULE: ./src/report/table.ts


const HEAD = ['repository', 'tag', 'age', 'size', 'verdict', 'because'];
/** What nobody can read to its end helps nobody: what goes is shown whole, and of what stays so much. */
const STAYING = 500;
/** @returns a row for each matching tag, what goes first */
function planRows(plan, selection, asOf) {
    const { repository, tags, scope } = plan;
    const selected = ({ tag, digest, belongsTo, onlyLabel }) => {
        const [verdict, because] = belongsTo !== undefined
            ? ['goes', `belongs to ${belongsTo}`]
            : onlyLabel === undefined
                ? ['goes', `its image goes: ${digest ?? ''}`]
                : ['label only', onlyLabel];
        return [
            repository,
            tag,
            ...described(digest, selection, asOf),
            scope === 'tag' ? 'label only' : (verdict ?? ''),
            because ?? '',
        ];
    };
    return [...tags.map(selected), ...idleRows(repository, selection, asOf)];
}
/** @returns a row for each matching tag that stays */
function idleRows(repository, selection, asOf) {
    return selection.unselected.map(({ tag, digest, because }) => [
        repository,
        tag,
        ...described(digest, selection, asOf),
        'stays',
        because,
    ]);
}
function described(digest, { created, sizes }, asOf) {
    const at = digest === undefined ? undefined : created.get(digest);
    const size = digest === undefined ? undefined : sizes.get(digest);
    return [at === undefined ? '–' : span(asOf - at), size === undefined ? '–' : bytes(size)];
}
/** @returns the table as lines of text in columns, cut with a count where too much stays */
function columns(rows) {
    const going = rows.filter(([, , , , verdict]) => verdict !== 'stays');
    const staying = rows.slice(going.length);
    const shown = [HEAD, ...going, ...staying.slice(0, STAYING)];
    const widths = HEAD.map((_, at) => shown.reduce((most, row) => Math.max(most, (row[at] ?? '').length), 0));
    const lines = shown.map((row) => row
        .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
        .join('  ')
        .trimEnd());
    const more = staying.length - STAYING;
    return more > 0 ? [...lines, `… and ${more} more that match and stay, which stand in the report`] : lines;
}

;// CONCATENATED MODULE: ./src/report/verdict.ts

const HOLDERS = 5;
/**
 * The one sentence that stands first everywhere. It never says "purged" alone where something is still served.
 *
 * @returns a sentence without a full stop
 */
function verdict(report) {
    const { problems } = report;
    // Of what was refused nothing was touched, whatever became of the rest.
    const repositories = report.repositories.filter(({ result }) => result !== 'refused');
    const contents = distinct(repositories);
    const kept = [stillServed(repositories), exposure(repositories)].filter((text) => text !== '').join('; ');
    const labels = report.inputs['scope'] === 'tag';
    const tags = repositories.flatMap((each) => each.tags);
    const cleanup = report.inputs['repositories'] !== undefined;
    if (report.result === 'nothing-to-do')
        return nothing(tags);
    if (report.result === 'planned') {
        const planned = cleanup ? tags.filter(({ outcome }) => outcome === 'planned') : tags;
        const going = labels
            ? `${count(planned.length, 'label')}, and nothing else,`
            : `${cleanup ? `${tagsOf(planned).replace(/(?:is|are) STILL/, 'would stay')} and ` : ''}${count(contents.length, 'digest')}`;
        return `Dry run: ${going} would go${kept === '' ? '' : `; ${kept.replace('STILL SERVED', 'would stay SERVED')}`}. Nothing was written`;
    }
    if (report.result === 'refused') {
        const first = problems[0] ??
            report.repositories.flatMap((each) => each.problems)[0] ??
            'the run ended before the first write';
        return `Refused, nothing was written: ${headline(first)}`;
    }
    const failed = cleanup ? failing(report) : '';
    if (labels)
        return `${ofLabels(report, tags, failed)}${kept === '' ? '' : `; ${kept}`}`;
    const proven404 = contents.filter((each) => each.verdict === 'gone');
    const gone = proven404.length;
    const removed = tags.filter(({ outcome }) => ['deleted', 'with-manifest', 'already-gone'].includes(outcome));
    const proven = `${cleanup ? `${tagsOf(removed)} removed, ` : ''}${ofDigests(proven404)}`;
    const served = kept === '' ? '' : `; ${kept}`;
    if (report.result === 'purged')
        return `${proven}${served}`;
    const open = contents.length - gone;
    const present = contents.filter((each) => each.verdict === 'present').length;
    const rest = [
        ...(open > 0
            ? [
                `${open} of ${contents.length} digests NOT proven gone${present > 0 ? ` (${present} still answer)` : ''}`,
            ]
            : []),
        ...(gone > 0 || (cleanup && removed.length > 0) ? [proven] : []),
    ].join('; ');
    if (report.result === 'cancelled')
        return `Cancelled: ${rest === '' ? 'nothing was done' : rest}${served}`;
    return `${failed === '' ? 'NOT PROVEN: ' : failed}${rest}${served}`;
}
/** What was not there before its DELETE is not called gone: it may be a DiffID, or in another repository. */
function ofDigests(proven) {
    const deleted = proven.filter(({ absent }) => !absent).length;
    const absent = proven.length - deleted;
    if (absent === 0)
        return `${count(deleted, 'digest')} gone`;
    const rest = `${count(absent, 'digest')} ${absent === 1 ? 'was' : 'were'} not there to be deleted`;
    return deleted === 0 ? `Nothing was deleted: ${rest}` : `${count(deleted, 'digest')} gone, ${rest}`;
}
/** What became of the repositories of a cleanup that did not come to their goal: it leads the sentence. */
function failing({ result, repositories }) {
    const of = (which) => repositories.filter((each) => each.result === which).map(({ name }) => name);
    const [refused, unproven] = [of('refused'), of('incomplete')];
    if (result !== 'incomplete' || repositories.length < 2)
        return '';
    const parts = [
        ...(unproven.length > 0 ? [`${unproven.length} NOT PROVEN (${some(unproven, HOLDERS)})`] : []),
        ...(refused.length > 0 ? [`${refused.length} refused (${some(refused, HOLDERS)})`] : []),
    ];
    return `Of ${repositories.length} repositories ${parts.join(', ')}: `;
}
function nothing(tags) {
    const stay = tags.length === 0
        ? 'no tag matches'
        : `${count(tags.length, 'matching tag')} stay${tags.length === 1 ? 's' : ''}`;
    return `Nothing to do: no tag is selected, and ${stay}. Nothing was written`;
}
/** In a cleanup some tags may lose only their label, and then what they pointed at is no digest that goes. */
function tagsOf(tags) {
    const labels = tags.filter(({ reason }) => reason?.startsWith('only the label goes') === true).length;
    const served = labels === 1
        ? 'as a label only: its image is STILL SERVED'
        : 'as labels only: their images are STILL SERVED';
    return `${count(tags.length, 'tag')}${labels === 0 ? '' : ` (${labels} of them ${served})`}`;
}
/** With `scope: tag` no content goes, and the verdict must not sound as if it did. */
function ofLabels({ result, inputs }, all, failed) {
    // What a cleanup's globs match and what stays was never to go.
    const tags = inputs['repositories'] === undefined ? all : all.filter(({ outcome }) => outcome !== 'kept');
    const removed = tags.filter(({ outcome }) => outcome === 'deleted');
    const before = tags.filter(({ outcome }) => outcome === 'already-gone').length;
    const what = [
        `${removed.length} of ${count(tags.length, 'label')} removed${before > 0 ? `, ${before} gone before` : ''}`,
        ...(removed.length > 0 && result === 'purged'
            ? ['what they pointed at is STILL SERVED by digest, as asked']
            : []),
    ].join('; ');
    if (result === 'purged')
        return what;
    return result === 'cancelled' ? `Cancelled: ${what}` : `${failed === '' ? 'NOT PROVEN: ' : failed}${what}`;
}
function exposure(repositories) {
    const found = repositories.flatMap((each) => each.exposed);
    if (found.length === 0)
        return '';
    const places = [...new Set(found.map(({ repository }) => repository))].sort();
    return `${count(new Set(found.map(({ digest }) => digest)).size, 'digest')} EXPOSED in ${some(places, HOLDERS)}`;
}
/** The first line, without a sentence that only leads over to the next. */
function headline(text) {
    const [line = ''] = text.split('\n');
    if (!line.endsWith(':'))
        return line;
    return line.includes('. ') ? line.slice(0, line.lastIndexOf('. ')) : line.slice(0, -1);
}
/** Each digest once, with the worst that is known of it in any repository. */
function distinct(repositories) {
    const all = new Map();
    for (const { manifests, blobs } of repositories)
        for (const { digest, verdict, outcome } of [...manifests, ...blobs]) {
            const known = all.get(digest);
            const absent = outcome === 'already-gone' && known?.absent !== false;
            const worse = known === undefined || verdict === 'present' || known.verdict === 'gone';
            all.set(digest, { verdict: worse ? verdict : known.verdict, absent });
        }
    return [...all.values()];
}
function stillServed(repositories) {
    const kept = repositories.flatMap((each) => each.kept);
    const digests = new Set(kept.map(({ digest }) => digest)).size;
    if (digests === 0)
        return '';
    const holders = [...new Set(kept.flatMap(({ heldBy }) => heldBy))].sort();
    return `${count(digests, 'digest')} STILL SERVED, held by ${some(holders, HOLDERS)}`;
}

;// CONCATENATED MODULE: ./src/report/summary.ts






/** A summary above 1 MiB is dropped whole by GitHub. */
const summary_LONGEST = 900 * 1024;
/** Kept free for what follows the lists. */
const TAIL = 16 * 1024;
/** Kept free for saying how much was left out. */
const NOTES = 16 * 1024;
const summary_HOLDERS = 10;
const LONGEST_WORD = 500;
/** Hands the summary to the runner. @throws RunnerFileError */
function writeSummary(report, path, file) {
    appendForRunner(file, renderSummary(report, path));
}
/**
 * @param report the whole report
 * @param path of its file
 * @returns Markdown of at most 900 KiB: the verdict first, cut with counts where there is too much
 */
function renderSummary(report, path) {
    const text = new Bounded(summary_LONGEST - TAIL - NOTES);
    const sign = {
        purged: '✅',
        planned: '📋',
        'nothing-to-do': '✅',
        refused: '⛔',
        incomplete: '❌',
        cancelled: '❌',
    };
    text.add(`## ${sign[report.result]} ${prose(verdict(report))}`, '');
    if (report.registry !== null)
        text.add(`Registry ${code(report.registry)}`, '');
    if (report.reason !== null)
        text.add(`Reason: ${summary_word(report.reason)}`, '');
    summary_list(text, 'What is in the way', [
        ...report.problems,
        ...report.repositories.flatMap(({ name, problems }) => problems.map((each) => report.repositories.length === 1 || each.includes(name) ? each : `${name}: ${each}`)),
    ]);
    if (report.inputs['repositories'] !== undefined)
        addSelection(text, report);
    for (const repository of report.repositories)
        if (repository.result !== 'nothing-to-do')
            addRepository(text, repository, report);
    summary_list(text, 'Warnings', [...report.warnings, ...report.repositories.flatMap((each) => each.warnings)]);
    return `${text.render()}${tail(report, path)}`;
}
/** What a cleanup selects and what not, as one table: what goes first, of every repository. */
function addSelection(text, { repositories, inputs }) {
    const asOf = Date.parse(inputs['as-of'] ?? '');
    const row = (name, { tag, digest, created, size, outcome, reason }) => [
        code(name),
        code(tag),
        digest === null ? '–' : code(digest),
        created === undefined || created === null ? '–' : span(asOf - Date.parse(created)),
        size === undefined || size === null ? '–' : bytes(size),
        outcome === 'kept' ? 'stays' : outcome,
        reason === null ? because(tag, outcome) : summary_word(reason),
    ];
    const rows = (stays) => repositories.flatMap(({ name, tags }) => tags.filter(({ outcome }) => (outcome === 'kept') === stays).map((each) => row(name, each)));
    const staying = rows(true);
    const shown = [...rows(false), ...staying.slice(0, STAYING)];
    const [name, tag, ...rest] = HEAD;
    if (shown.length > 0)
        table(text, [name, tag, 'digest', ...rest], shown);
    const more = staying.length - STAYING;
    if (more > 0)
        text.add(`… and ${more} more that match and stay, which stand in the report.`, '');
}
/** Why a tag of a cleanup goes for which nothing else has to be said. */
function because(tag, outcome) {
    if (outcome === 'kept')
        return '';
    return subjectKey(tag) === undefined ? 'its image goes' : 'belongs to an image that goes';
}
function addRepository(text, entry, { inputs, repositories }) {
    const result = repositories.length > 1 ? `: ${entry.result}` : '';
    text.add(`### ${code(entry.name)}${result}`, '');
    if (entry.tags.length > 0 && inputs['repositories'] === undefined) {
        table(text, ['tag that leaked', 'digest', 'outcome'], entry.tags.map(({ tag, digest, outcome, reason }) => [
            code(tag),
            digest === null ? 'did not resolve' : code(digest),
            `${outcome}${reason === null ? '' : ` ${code(reason)}`}`,
        ]));
    }
    const rows = [
        ...entry.manifests.map((each) => row('manifest', each)),
        ...entry.blobs.map((each) => row('blob', each)),
    ];
    if (rows.length > 0)
        table(text, ['kind', 'digest', 'size', 'outcome', 'verdict', 'rounds', 'first and last 404'], rows);
    if (entry.kept.length > 0) {
        text.add(`**${count(entry.kept.length, 'digest')} of the image STILL SERVED**, since remaining tags need them:`, '');
        table(text, ['digest', 'held by'], entry.kept.map(({ digest, heldBy }) => [code(digest), code(some(heldBy, summary_HOLDERS))]));
    }
    if (entry.exposed.length > 0) {
        text.add(`**${count(entry.exposed.length, 'digest')} EXPOSED**: other repositories serve them:`, '');
        table(text, ['repository', 'digest', 'held by'], entry.exposed.map(({ repository, digest, heldBy }) => [
            code(repository),
            code(digest),
            heldBy.length === 0 ? '' : code(some(heldBy, summary_HOLDERS)),
        ]));
    }
    if (entry.remaining.length > 0) {
        const sound = entry.remaining.filter(({ verdict }) => verdict === 'intact').length;
        text.add(`${sound} of ${count(entry.remaining.length, 'remaining tag')} verified to the last blob:`, '');
        table(text, ['remaining tag', 'digest', 'verdict'], entry.remaining.map(({ tag, digest, verdict }) => [
            code(tag),
            digest === null ? '' : code(digest),
            verdict,
        ]));
    }
}
function row(kind, { digest, size, outcome, verdict, rounds, goneSince, goneUntil }) {
    const span = goneSince === null ? '' : `${goneSince} – ${goneUntil ?? ''}`;
    return [kind, code(digest), bytes(size), outcome, verdict, String(rounds), span];
}
function summary_list(text, title, entries) {
    if (entries.length === 0)
        return;
    text.add(`### ${title}`, '');
    text.addAll(entries.map((entry) => `- ${prose(entry)}`));
    text.add('');
}
function table(text, head, rows) {
    text.add(`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`);
    text.addAll(rows.map((cells) => `| ${cells.join(' | ')} |`));
    text.add('');
}
function tail(report, path) {
    const { run } = report;
    const url = /^https?:\/\/[\w.:-]+\/[\w./-]{0,500}$/.test(run.url) ? `[run](${run.url})` : summary_word(run.url);
    return [
        '### Not checked',
        '',
        `${(report.requests['search'] ?? 0) === 0 ? 'Other repositories' : `Repositories other than those in ${code('search-repositories')}`} and registries; mirrors, CDNs and caches beyond this host; older pushes of the tag, which keep their own digests; untagged images that are deployed by digest, and pushes of an index whose children were up first; listed tags that do not resolve, which are taken for broken before; replicas that this runner does not reach (sticky balancers, proxies that keep their connections, a replica that sleeps); whoever has pulled the image already. Bytes stay on the disk of the registry until its garbage collection, which must not run before or during a purge (on 2.x it keeps each repository's link to a layer, and so serves what another repository holds for ever).`,
        '',
        `Fingerprint ${report.fingerprint === null ? 'none' : code(report.fingerprint)} · report ${summary_word(path)}`,
        '',
        '### Next',
        '',
        ...steps(report).map((step, at) => `${at + 1}. ${step}`),
        '',
        `${summary_word(run.workflow)} in ${summary_word(run.repository)}, ${url}, attempt ${run.attempt}, by ${summary_word(run.actor)} on ${summary_word(run.event)}, commit ${summary_word(run.commit)}, registry-purge ${summary_word(run.actionVersion)}`,
        '',
    ].join('\n');
}
/** One word of the run, cut to what a line can bear. */
function summary_word(text) {
    return code(text.length > LONGEST_WORD ? `${text.slice(0, LONGEST_WORD)}…` : text);
}
function steps(report) {
    const rotate = 'Rotate every credential that was in the image, if that has not been done: whoever pulled it has it.';
    const keep = 'Keep the report: with the digests in it a later run can go on or verify again.';
    const asOf = report.inputs['repositories'] === undefined ? undefined : report.inputs['as-of'];
    if (report.result === 'nothing-to-do')
        return [keep];
    if (report.result === 'refused')
        return ['Remove what is in the way, and run again.', rotate];
    if (report.result === 'planned')
        return [
            `Read the plan, and run again with ${code('dry-run: false')} and ${code(`approve: ${report.fingerprint ?? ''}`)}${asOf === undefined ? '' : `, and with ${code(`as-of: ${asOf}`)}, so that age counts from the same moment`}.`,
            rotate,
        ];
    if (report.result !== 'purged' && asOf !== undefined)
        return [
            'Read above what became of each repository, and remove what is in the way. A cleanup that is run again selects by what is there then.',
            ...(report.repositories.every(({ result }) => result !== 'incomplete' && result !== 'cancelled')
                ? []
                : [
                    'What is not proven gone may have no tag any more: purge it with the lines that the step Plan printed for that repository.',
                ]),
            rotate,
            keep,
        ];
    if (report.result !== 'purged')
        return [
            'Run again with the lines that the step Plan printed: what is gone already is proven again.',
            rotate,
            keep,
        ];
    if (report.inputs['scope'] === 'tag')
        return [
            'If what the label pointed at leaked: purge it by its digest, with `scope: image`. It is still served.',
            keep,
        ];
    return [
        rotate,
        "Run the registry's garbage collection, so that the bytes leave its disk, and restart its replicas afterwards.",
        'Purge caches and mirrors in front of the registry.',
        keep,
    ];
}
/** Lines up to a number of bytes; what does not fit is counted. */
class Bounded {
    #lines = [];
    #most;
    #size = 0;
    #left = 0;
    #notes = 0;
    constructor(most) {
        this.#most = most;
    }
    add(...lines) {
        for (const line of lines)
            this.#take(line);
    }
    /** Rows of one list: says how many of them were left out, as long as there is room to say it. */
    addAll(lines) {
        const before = this.#left;
        for (const line of lines)
            this.#take(line);
        const left = this.#left - before;
        const note = `\n… and ${left} more, which stand in the report.`;
        if (left === 0 || this.#notes + note.length > NOTES)
            return;
        this.#notes += 2 * note.length;
        this.#lines.push(note);
    }
    render() {
        const rest = this.#left === 0
            ? ''
            : `\n… ${this.#left} lines in all were left out here. The report has everything.\n`;
        return `${this.#lines.join('\n')}\n${rest}`;
    }
    #take(line) {
        const size = Buffer.byteLength(line) + 1;
        if (this.#size + size > this.#most)
            this.#left++;
        else {
            this.#size += size;
            this.#lines.push(line);
        }
    }
}

;// CONCATENATED MODULE: ./src/system.ts

/** The longest that one timer can wait; a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
/**
 * The machine's time when the process began, and from there on a clock that nobody sets: where the machine's own is set
 * meanwhile, durations, ages of checks and pauses stay what they are.
 */
const systemClock = {
    now: () => Math.floor(performance.timeOrigin + performance.now()),
    sleep: async (ms, signal) => {
        for (let left = ms; left > 0 && signal?.aborted !== true; left -= LONGEST_TIMER) {
            await new Promise((wake) => {
                const done = () => {
                    clearTimeout(timer);
                    signal?.removeEventListener('abort', done);
                    wake();
                };
                const timer = setTimeout(done, Math.min(left, LONGEST_TIMER));
                signal?.addEventListener('abort', done);
            });
        }
    },
};
/** The machine's own chance. */
const systemRandom = {
    int: (below) => (0,external_node_crypto_.randomInt)(below),
    hex: (bytes) => (0,external_node_crypto_.randomBytes)(bytes).toString('hex'),
};

;// CONCATENATED MODULE: ./src/conclude.ts







/**
 * Ends a run: writes the report a last time, and hands what there is to say to log, outputs and summary. If one of them
 * fails, one error says so, and the others follow all the same. Never throws.
 *
 * @param record holds the finished report
 */
function conclude(record, ending) {
    const { log, outputs, summary } = ending;
    const { report } = record;
    const path = finish(record, ending);
    const where = path === undefined ? 'There is no report either' : `The report has what they say: ${path}`;
    handOver(log, 'The verdict was not told', where, () => tell(report, path, log));
    handOver(log, 'The outputs of this step were not set', where, () => setOutputs(outputsOf(report, path ?? ''), outputs));
    handOver(log, 'The job summary was not written', where, () => writeSummary(report, path ?? 'not written', summary));
}
/**
 * Writes the file a last time.
 *
 * @returns where it is, or undefined if it could not be written anywhere
 */
function finish(record, { fallbacks, redact, log }) {
    const failures = [];
    const { report } = record;
    const others = fallbacks.map((path) => () => new Record(report, path, systemClock, redact));
    for (const next of [() => record, ...others]) {
        const each = next();
        if (failures.some((failure) => failure.startsWith(`${each.path} (`)))
            continue;
        try {
            each.write();
        }
        catch (error) {
            failures.push(`${each.path} (${codeOf(error)})`);
            continue;
        }
        if (failures.length > 0)
            say(`it is in ${each.path} instead`);
        return each.path;
    }
    say('it is nowhere. Keep this log: the lines that the step Plan printed are what a later run takes');
    return undefined;
    function say(instead) {
        const sentence = `report-file: the report cannot be written to ${failures.join(', nor to ')}; ${instead}`;
        // Where that refused the run, an error says so already.
        if (report.problems.some((problem) => problem.startsWith('report-file: ')))
            log.info(sentence);
        else
            log.error(sentence);
    }
}
/** Does one hand-over. @param what was not done if it fails @param where to look instead */
function handOver(log, what, where, act) {
    try {
        act();
    }
    catch (error) {
        const why = error instanceof RunnerFileError ? error.message : `registry-purge has a defect: ${String(error)}`;
        log.error(`${what} (${why}). ${where}`);
    }
}
/** Everything that a failure has to say stands outside the groups, and in the summary. */
function tell(report, path, log) {
    const problems = [...report.problems, ...report.repositories.flatMap((each) => each.problems)];
    for (const warning of report.warnings)
        log.warning(warning);
    for (const { name, warnings } of report.repositories)
        for (const warning of warnings)
            log.warning(`${name}: ${warning}`);
    for (const problem of problems)
        log.error(problem);
    const kept = report.repositories.flatMap((each) => each.kept);
    const sentence = `${verdict(report)}. Report: ${path ?? 'none'}`;
    if (problems.length === 0 && !['purged', 'planned', 'nothing-to-do'].includes(report.result))
        log.error(sentence);
    else if (kept.length > 0)
        log.warning(sentence);
    else
        log.info(sentence);
}

;// CONCATENATED MODULE: ./src/registry/credentials/credentials.ts
/** @returns the value of the Authorization header. */
function basicHeader({ username, password }) {
    return `Basic ${pair({ username, password })}`;
}
/** @returns every text of these credentials that may stand nowhere. */
function credentials_secretsOf(credentials) {
    return credentials.kind === 'basic' ? [credentials.password, pair(credentials)] : [credentials.token];
}
function pair({ username, password }) {
    return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}

;// CONCATENATED MODULE: ./src/registry/errors.ts
/** The one error of the wire: which request, what happened, and a code to tell cases apart. */
class WireError extends Error {
    request;
    failure;
    code;
    name = 'WireError';
    /**
     * @param request the request that failed
     * @param failure what kind of end it was
     * @param code the system's or TLS library's code, such as ECONNRESET
     */
    constructor(request, failure, code) {
        const url = shownUrl(request);
        super(`${request.method} ${display(url)}: ${sentence(failure, code, url)}${of(request)}`);
        this.request = request;
        this.failure = failure;
        this.code = code;
    }
}
/** Whose address it is, where the user did not write it. */
function of({ purpose }) {
    return purpose === 'token' ? '. This is the token service that the registry names' : '';
}
/** The run is to stop (cancelled, or out of time), so nothing new is begun. */
class Stopped extends Error {
    name = 'Stopped';
}
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const SHOWN_ENTRIES = 3;
const SHOWN_TEXT = 200;
/** A note may quote the answer of a token service. */
const SHOWN_NOTE = 600;
const SHOWN_PATH = 500;
/** Bytes of an error that are read. */
const LONGEST_QUOTED = 64 << 10;
const HIDDEN_HOST = 'address-not-shown.invalid';
/** The codes of the specification say nothing but what they say everywhere. */
const STANDARD = new Set([
    'BLOB_UNKNOWN',
    'BLOB_UPLOAD_INVALID',
    'BLOB_UPLOAD_UNKNOWN',
    'DENIED',
    'DIGEST_INVALID',
    'MANIFEST_BLOB_UNKNOWN',
    'MANIFEST_INVALID',
    'MANIFEST_UNKNOWN',
    'NAME_INVALID',
    'NAME_UNKNOWN',
    'SIZE_INVALID',
    'TOOMANYREQUESTS',
    'UNAUTHORIZED',
    'UNSUPPORTED',
]);
/** For responses that nothing is known of. */
const OPEN = { body: (text) => text, word: (text) => text };
/**
 * @returns the entries of an error body. It is read by its content and not by its type: some registries send this JSON
 * as text/plain, also with a 202.
 */
function errorEntries(body) {
    try {
        const parsed = JSON.parse(Buffer.from(body).toString('utf8'));
        const errors = parsed?.errors;
        if (!Array.isArray(errors))
            return [];
        return errors.flatMap((each) => {
            const { code, message } = (each ?? {});
            if (typeof code !== 'string' || !CODE.test(code))
                return [];
            return [{ code, message: typeof message === 'string' ? message : '' }];
        });
    }
    catch {
        return [];
    }
}
/** @returns whether the body holds an error with this code, or one for which the test holds. */
function hasCode(response, code) {
    const test = typeof code === 'string' ? (each) => each === code : code;
    return errorEntries(response.body).some((entry) => test(entry.code));
}
/** @returns whether the status says that the thing is not there: 404 or 410. */
function isGone(response) {
    return response.status === 404 || response.status === 410;
}
/** @returns whether the registry itself says so: 404 with a `*_UNKNOWN` code. A bare 404 may be a missing endpoint. */
function isUnknown(response) {
    return response.status === 404 && hasCode(response, (code) => code.endsWith('_UNKNOWN'));
}
/**
 * @returns whether the answer to the DELETE of a tag says that there is no such way: 400 or 405 with DIGEST_INVALID or
 * UNSUPPORTED, or no such endpoint. No other answer means it (safety rule 7).
 */
function isUnsupportedForTags(response) {
    if (response.status === 404)
        return errorEntries(response.body).length === 0;
    if (response.status !== 400 && response.status !== 405)
        return false;
    return hasCode(response, 'DIGEST_INVALID') || hasCode(response, 'UNSUPPORTED');
}
/** @returns whether the status refuses the user: 401 or 403. */
function isDenied(response) {
    return response.status === 401 || response.status === 403;
}
/**
 * @returns a status with what its body says, in one bounded line: `404 MANIFEST_UNKNOWN (manifest unknown)`. Where the
 *   body may hold a secret only status and codes are said.
 */
function describe(response) {
    const said = saidOf(response);
    const cut = response.cut ? ', and the body was cut off' : '';
    const note = response.note === undefined ? '' : `: ${oneLine(response.note, SHOWN_NOTE)}`;
    return `${response.status}${said === '' ? '' : ` ${said}`}${cut}${note}`;
}
/** What its body says. That of a success or of a storage is never printed: content of an image, a signed link. */
function saidOf(response) {
    if (response.redirected)
        return '';
    const { quoting = OPEN, body } = response;
    const codes = errorEntries(body).slice(0, SHOWN_ENTRIES);
    if (codes.length === 0 && response.status < 400)
        return '';
    const text = quotable(response, quoting);
    if (codes.length === 0)
        return text === undefined ? '' : oneLine(beginning(text));
    const entries = text === undefined ? codes : errorEntries(Buffer.from(text, 'utf8')).slice(0, SHOWN_ENTRIES);
    return (entries.length === codes.length ? entries : codes)
        .flatMap(({ code, message }) => {
        const shown = STANDARD.has(code) ? code : quoting.word(code);
        const words = text === undefined || entries.length !== codes.length ? '' : (quoting.body(message) ?? '');
        if (shown === undefined)
            return [];
        return [words === '' ? shown : `${shown} (${oneLine(words)})`];
    })
        .join(', ');
}
/** @returns the body as a text without secrets, or undefined: half of one at its end could not be told from other text */
function quotable({ body, cut }, quoting) {
    if (body.length === 0)
        return '';
    if (quoting === OPEN)
        return Buffer.from(body).toString('utf8');
    return cut || body.length > LONGEST_QUOTED ? undefined : quoting.body(Buffer.from(body).toString('utf8'));
}
/** @returns the URL of a request as far as it may be named */
function shownUrl({ url, hidden }) {
    return hidden?.() === true ? new URL(`${url.protocol}//${HIDDEN_HOST}/`) : url;
}
/**
 * @returns the URL, of a bounded length, without what may be secret: user, query and fragment. A path that is longer
 *   than any of ours is left out: it cannot be cut where nothing is cut in two
 */
function display(url) {
    const path = url.pathname.length > SHOWN_PATH ? '/…' : oneLine(url.pathname, SHOWN_PATH);
    return `${url.protocol}//${url.host}${path}${url.search === '' ? '' : '?…'}`;
}
/** The … stays where white space is folded: it says that a secret may have been cut there. */
function beginning(text) {
    return text.length > 4 * SHOWN_TEXT ? `${text.slice(0, 4 * SHOWN_TEXT)}…` : text;
}
function oneLine(text, most = SHOWN_TEXT) {
    const line = text.replace(/\s+/g, ' ').trim();
    return line.length > most ? `${line.slice(0, most)}…` : line;
}
/** The address of a proxy did not answer. */
const NO_PROXY = 'ECONNPROXY';
const UNKNOWN_AUTHORITY = new Set([
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);
const NOT_TLS = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO']);
/** The other side's alerts about what it was shown, of TLS 1.3 and of the versions before. */
const CLIENT_REFUSED = /^ERR_SSL_.*ALERT_(?:CERTIFICATE_REQUIRED|(?:BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/;
/** What happened and the way out, by the code: the same failure reads the same wherever it comes up. */
function sentence(failure, code, url) {
    if (failure === 'timeout')
        return 'no complete answer in time. Check that the registry is up and reachable from this runner, or allow more with `timeout`';
    if (failure === 'cancelled')
        return 'stopped before the answer came';
    if (failure === 'too-large')
        return `the answer is larger than this action accepts (${code} bytes)`;
    if (failure === 'forbidden-address')
        return `it leads to ${code}, where this action never goes`;
    if (failure === 'token')
        return `the token service ${code}. Check that it is up and reachable from this runner, and that the credentials are still good`;
    if (failure === 'held')
        return 'not sent: the registry asks for a pause (Retry-After) that is longer than this request may wait';
    if (code === 'ECONNECTLIMIT')
        return `no connection to ${url.host} in time. Check that it is up and reachable from this runner, or through the proxy that the environment names`;
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
        return `the host ${url.hostname} was not found (${code}). Check the spelling of \`registry\`, and that this runner resolves the name`;
    if (code === 'ECONNREFUSED')
        return `nothing listens at ${url.host} (${code}). Check host and port of \`registry\`, and that the registry is up`;
    if (UNKNOWN_AUTHORITY.has(code))
        return `the certificate of ${url.host} comes from an authority that is not trusted (${code}). Give the authority's certificate in \`ca-certificate\``;
    if (code === 'CERT_HAS_EXPIRED')
        return `the certificate of ${url.host} has expired (${code}). Renew it`;
    if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
        return `the certificate of ${url.host} is for another name (${code}). Use the name that it holds in \`registry\``;
    if (CLIENT_REFUSED.test(code))
        return `${url.host} wants a client certificate, or does not take the one that it was shown (${code}). Give one that it knows in \`client-certificate\`, and its key in \`client-key\``;
    if (NOT_TLS.has(code))
        return `${url.host} does not speak TLS (${code}). If it is a plain-http registry, write \`registry: http://${url.host}\``;
    if (code === NO_PROXY || code === 'ERR_PROXY_TUNNEL')
        return `the proxy that HTTPS_PROXY or HTTP_PROXY names ${code === NO_PROXY ? 'does not answer' : `does not lead to ${url.host}`} (${code}). Check its address and credentials, or name ${url.hostname} in NO_PROXY`;
    const plain = url.protocol === 'http:' && (code.startsWith('HPE_') || code === 'ECONNRESET');
    const hint = plain ? '. If it is an https registry, write `registry` without http://' : '';
    return `the connection failed (${code})${hint}`;
}

;// CONCATENATED MODULE: ./src/registry/quoted.ts
/** Stands for a value that holds a credential. */
const NOT_SHOWN = '(not shown)';
/**
 * Has every response say how it may be quoted. This is the decorator next to the wire, so that nothing is cut, folded or
 * decoded before secrets are looked for.
 *
 * @param send what to decorate
 */
function quoted(send, quoting) {
    return async (request) => ({ ...(await send(request)), quoting });
}
/** @returns a text that came with a response, for a sentence of ours, or that it is not shown */
function quote({ quoting }, text) {
    return quoting === undefined ? text : (quoting.word(text) ?? NOT_SHOWN);
}

;// CONCATENATED MODULE: ./src/registry/auth/challenge.ts
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\[^])*)"/y;
const BLANKS = /[ \t]*/y;
const SEPARATORS = /[ \t,]*/y;
/**
 * Reads a WWW-Authenticate header, in which several challenges may stand, also from several header lines:
 *
 * ```
 * WWW-Authenticate = #challenge
 * challenge        = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
 * auth-param       = token BWS "=" BWS ( token / quoted-string )
 * ```
 *
 * (RFC 9110, 11.2, 11.3, 11.6.1.) Commas separate challenges as well as parameters, so what follows a comma is a
 * parameter where an `=` and a value come after its name, else the next challenge.
 *
 * @returns the challenges up to the first thing that is none: nothing is guessed
 */
function parseChallenges(header) {
    const text = new Scanner(header);
    const challenges = [];
    for (;;) {
        text.take(SEPARATORS);
        const scheme = text.take(TOKEN);
        if (scheme === undefined)
            return challenges;
        const parameters = new Map();
        challenges.push({ scheme: scheme.toLowerCase(), parameters });
        text.take(BLANKS);
        if (text.ended)
            continue;
        const start = text.position;
        // A scheme without a comma behind it, such as `Basic realm=x`, or credentials-like text, which no scheme here has.
        if (text.take(TOKEN68) !== undefined && !isParameter(header, start))
            continue;
        text.position = start;
        if (!readParameters(text, parameters))
            return challenges;
    }
}
/** `a=` at the end of a list is a token68 by the grammar, and nothing else can be made of it. */
function isParameter(header, start) {
    const text = new Scanner(header, start);
    return text.take(TOKEN) !== undefined && text.take(EQUALS) !== undefined && text.value() !== undefined;
}
/** @returns whether the rest can be read */
function readParameters(text, parameters) {
    for (;;) {
        const before = text.position;
        const separator = text.take(SEPARATORS);
        if (text.ended)
            return true;
        const name = text.take(TOKEN);
        if (name === undefined)
            return false;
        if (text.take(EQUALS) === undefined) {
            // The next challenge begins here.
            text.position = before;
            return separator?.includes(',') === true;
        }
        const value = text.value();
        if (value === undefined)
            return false;
        const key = name.toLowerCase();
        if (!parameters.has(key))
            parameters.set(key, value);
        text.take(BLANKS);
        if (!text.ended && !text.at(','))
            return false;
    }
}
/** Reads a text piece by piece. */
class Scanner {
    #text;
    position;
    constructor(text, position = 0) {
        this.#text = text;
        this.position = position;
    }
    get ended() {
        return this.position >= this.#text.length;
    }
    at(sign) {
        return this.#text.startsWith(sign, this.position);
    }
    /** @returns what the pattern matches here, or undefined */
    take(pattern) {
        return this.#match(pattern)?.[0];
    }
    /** token / quoted-string, of which the quotes and backslashes are taken off. */
    value() {
        return this.at('"') ? this.#match(QUOTED)?.[1]?.replace(/\\([^])/g, '$1') : this.take(TOKEN);
    }
    #match(pattern) {
        pattern.lastIndex = this.position;
        const found = pattern.exec(this.#text);
        if (found === null)
            return undefined;
        this.position = pattern.lastIndex;
        return found;
    }
}

// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __webpack_require__(7030);
;// CONCATENATED MODULE: ./src/registry/address.ts

/** Clouds keep credentials of the machine at these, besides link-local addresses. */
const METADATA = new Set([
    'metadata',
    'metadata.goog',
    'metadata.google.internal',
    'instance-data',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd20:ce::254',
]);
/**
 * @param host a host name or address, as a URL has it or as a name was resolved
 * @returns whether it is link-local (169.254.0.0/16 and fe80::/10, in whatever notation) or a machine's metadata
 *   service: no answer of a registry may lead there
 */
function isForbidden(host) {
    const bare = host
        .replace(/^\[|\]$/g, '')
        .replace(/%.*$/, '')
        .replace(/\.$/, '')
        .toLowerCase();
    if (METADATA.has(bare))
        return true;
    if ((0,external_node_net_.isIP)(bare) === 4)
        return bare.startsWith('169.254.');
    if ((0,external_node_net_.isIP)(bare) !== 6)
        return false;
    const short = new URL(`http://[${bare}]`).hostname.slice(1, -1);
    if (METADATA.has(short) || /^fe[89ab]/.test(short))
        return true;
    const embedded = /^(?:::(?:ffff:(?:0:)?)?|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
    if (embedded === null)
        return false;
    const [high, low] = [embedded[1], embedded[2]].map((part) => Number.parseInt(part ?? '0', 16));
    return isForbidden([(high ?? 0) >> 8, (high ?? 0) & 255, (low ?? 0) >> 8, (low ?? 0) & 255].join('.'));
}

;// CONCATENATED MODULE: ./src/registry/auth/realm.ts


/**
 * Reads the address of a token service, to which a password may go: https, or plain http where the registry itself is
 * asked over plain http; without a user in it; not link-local.
 *
 * @param request the request that was answered with the challenge
 * @param hidden tells whether it holds a secret, so that no message may name it
 * @throws WireError where it leads to where nothing is sent
 */
function parseRealm(request, realm, hidden = () => false) {
    if (!URL.canParse(realm))
        throw new WireError(request, 'forbidden-address', 'a token service that is no URL');
    const url = new URL(realm);
    const { host } = shownUrl({ url, hidden });
    const plain = url.protocol === 'http:';
    if (url.protocol !== 'https:' && !plain)
        throw new WireError(request, 'forbidden-address', 'a token service that is neither https nor http');
    if (plain && request.url.protocol === 'https:')
        throw new WireError(request, 'forbidden-address', `a token service over plain http (${host})`);
    if (url.username !== '' || url.password !== '')
        throw new WireError(request, 'forbidden-address', `a token service with a user in its URL (${host})`);
    if (isForbidden(url.hostname))
        throw new WireError(request, 'forbidden-address', `a link-local or metadata address (${host})`);
    url.hash = '';
    return url;
}

;// CONCATENATED MODULE: ./src/registry/auth/scope.ts
/** @returns the resources of a scope such as `repository:app:pull,delete registry:catalog:*`; what is none is left out */
function parseScope(scope) {
    return scope.split(/ +/).flatMap((entry) => {
        const first = entry.indexOf(':');
        const last = entry.lastIndexOf(':');
        if (first < 0 || last === first)
            return [];
        const actions = entry
            .slice(last + 1)
            .split(',')
            .filter((action) => action !== '');
        return [{ type: entry.slice(0, first), name: entry.slice(first + 1, last), actions }];
    });
}
/**
 * @returns a scope in one form for all orders: 3.0.0 writes `pull,push` at one time and `push,pull` at another. Not for
 *   sending, since services take a challenge's own words only.
 */
function scopeKey(scope) {
    return scope
        .split(/ +/)
        .filter((entry) => entry !== '')
        .map((entry) => {
        const last = entry.lastIndexOf(':') + 1;
        return entry.slice(0, last) + entry.slice(last).split(',').sort().join(',');
    })
        .sort()
        .join(' ');
}
/** @returns what a scope allows, for a person: `delete on acme/app`. */
function scopeText(scope) {
    const all = parseScope(scope).map(({ type, name, actions }) => {
        const what = type === 'repository' ? name : `the ${type} ${name}`;
        return `${actions.map((action) => `\`${action}\``).join(' and ')} on ${what}`;
    });
    return all.length === 0 ? 'what was asked for' : all.join(' and ');
}

;// CONCATENATED MODULE: ./src/registry/auth/token.ts


/** The token service says no: to the credentials, or to what was asked for. The message is a sentence. */
class TokenRefused extends Error {
    name = 'TokenRefused';
}
/** Bytes of an answer that are read. */
const LIMIT = 64 << 10;
const TIMEOUT = 30_000;
/** What a token without a stated life is good for, in seconds, by the token specification of distribution. */
const LIFE = 60;
const LONGEST_LIFE = 86_400;
/** b64token of RFC 6750, 2.1, as long as headers can bear it. */
const token_TOKEN = /^[A-Za-z0-9\-._~+/]{1,16384}={0,2}$/;
const CLIENT = 'registry-purge';
/** No such method here: the other one is tried. */
const OTHER_METHOD = new Set([404, 405, 501]);
const REFUSALS = new Set([400, 401, 403]);
/**
 * Gets one token: by GET (distribution's token specification), or where the service does not know that by POST (OAuth
 * 2); with a refresh token the other way round. Scopes go as the challenge had them, a parameter each.
 *
 * @param send adds nothing of its own
 * @param now milliseconds since the epoch
 * @param secret is told of every token that came, before anything else is done with it
 * @throws TokenRefused on 400, 401, 403; WireError where no usable answer came
 */
async function fetchToken(send, asked, credentials, { signal, now, secret }) {
    const ways = credentials?.kind === 'identity'
        ? [byPost(asked, credentials, signal)]
        : [
            byGet(asked, credentials, signal),
            ...(credentials === undefined ? [] : [byPost(asked, credentials, signal)]),
        ];
    for (const [at, request] of ways.entries()) {
        const response = await send(request);
        if (OTHER_METHOD.has(response.status) && at < ways.length - 1)
            continue;
        return read(request, response, credentials, { now, secret });
    }
    throw new Error('there is always a way to ask');
}
function byGet({ realm, hidden, service, scope }, credentials, signal) {
    const url = new URL(realm);
    if (service !== undefined)
        url.searchParams.set('service', service);
    for (const each of (scope ?? '').split(' ').filter((entry) => entry !== ''))
        url.searchParams.append('scope', each);
    const headers = credentials?.kind === 'basic' ? { authorization: basicHeader(credentials) } : {};
    return { ...request('GET', url, headers, signal), ...(hidden !== undefined && { hidden }) };
}
function byPost({ realm, hidden, service, scope }, credentials, signal) {
    const form = new URLSearchParams({ client_id: CLIENT });
    if (service !== undefined)
        form.set('service', service);
    if (scope !== undefined && scope !== '')
        form.set('scope', scope);
    if (credentials.kind === 'basic') {
        form.set('grant_type', 'password');
        form.set('username', credentials.username);
        form.set('password', credentials.password);
    }
    else {
        form.set('grant_type', 'refresh_token');
        form.set('refresh_token', credentials.token);
    }
    const body = Buffer.from(form.toString(), 'utf8');
    return {
        ...request('POST', realm, { 'content-type': 'application/x-www-form-urlencoded' }, signal),
        ...(hidden !== undefined && { hidden }),
        body,
    };
}
function request(method, url, headers, signal) {
    return {
        method,
        url,
        purpose: 'token',
        headers: { accept: 'application/json', ...headers },
        fresh: false,
        limit: LIMIT,
        peek: false,
        patience: 'read',
        timeout: TIMEOUT,
        identified: true,
        signal,
    };
}
function read(request, response, credentials, { now, secret }) {
    const said = describe(response);
    if (REFUSALS.has(response.status))
        throw new TokenRefused(refusal(request, said, credentials));
    if (response.status !== 200 || response.cut)
        throw unusable(request, `answered with ${said}`);
    let answer;
    try {
        answer = (JSON.parse(Buffer.from(response.body).toString('utf8')) ?? {});
    }
    catch {
        throw unusable(request, 'answered with 200 and what is no JSON');
    }
    for (const name of ['token', 'access_token', 'refresh_token', 'id_token']) {
        const text = answer[name];
        if (typeof text === 'string' && token_TOKEN.test(text))
            secret(text);
    }
    // An empty one is how some services say no.
    const value = [answer['token'], answer['access_token']].find((text) => typeof text === 'string' && text !== '');
    if (typeof value !== 'string')
        throw unusable(request, 'answered with 200, but without a token');
    if (!token_TOKEN.test(value))
        throw unusable(request, 'answered with a token that no header can carry');
    const stated = answer['expires_in'];
    const life = typeof stated === 'number' && stated > 0 ? Math.min(stated, LONGEST_LIFE) : LIFE;
    return { value, expiresAt: now() + life * 1000 };
}
function unusable(request, what) {
    return new WireError(request, 'token', what);
}
function refusal(request, said, credentials) {
    const place = display(shownUrl(request));
    if (credentials === undefined)
        return `the token service ${place} gives no token without credentials (${said})`;
    return `the token service ${place} refuses the credentials, or what was asked for with them (${said})`;
}

;// CONCATENATED MODULE: ./src/registry/auth/authorize.ts







/** A challenge may come twice for one request: for what was not known, and for a token that is good no more. */
const ANSWERS = 2;
/** After a refusal that another token did not change, none is fetched for the same for so long, in milliseconds. */
const RESIGNED = 30_000;
/**
 * Authorizes requests to one origin, and to no other: neither a redirect nor a page link may carry credentials away
 * (safety rule 11).
 *
 * Basic credentials go along at once, since nothing is saved by asking first. Where the registry answers with a Bearer
 * challenge, a token is got for just what that says, and its scope is remembered for the repository and the kind of
 * request: what a DELETE needs, its own challenge tells. A token that is good no more is renewed; a new one that is not
 * enough is a refusal, which the answer's `note` explains.
 *
 * Who has credentials never asks as nobody: some registries answer 404 to a stranger, for things that are there.
 *
 * @param send what to decorate
 */
function authorizing(send, authorization) {
    const guard = new Guard(send, authorization);
    return (request) => (request.url.origin === authorization.origin ? guard.send(request) : send(request));
}
class Guard {
    #send;
    #authorization;
    /** What to get a token for, by repository and kind of request. */
    #learnt = new Map();
    #resigned = new Map();
    /** What a token was got for last: one for something else has the registry say what it wants. */
    #latest;
    constructor(send, authorization) {
        this.#send = send;
        this.#authorization = authorization;
    }
    async send(request) {
        const need = needOf(request);
        let shown = await this.#first(request, need);
        let refused;
        let response = await this.#show(request, shown);
        for (let answers = 1; isChallenge(response); answers++) {
            if (shown.is === 'token')
                refused = shown.value;
            const next = answers > ANSWERS
                ? this.#refusal(response, need, shown)
                : await this.#answer(request, response, need, shown, refused);
            if (typeof next === 'string')
                return { ...response, note: next };
            shown = next;
            response = await this.#show({ ...request, attempt: (request.attempt ?? 1) + answers }, shown);
        }
        if (shown.is === 'token')
            this.#resigned.delete(need);
        return response;
    }
    /** What goes along before anything was asked for. */
    async #first(request, need) {
        const { credentials, tokens } = this.#authorization;
        if (credentials?.kind === 'ready')
            return { is: 'ready' };
        const asked = this.#learnt.get(need);
        if (asked !== undefined)
            return this.#token(asked, request);
        if (credentials?.kind === 'basic')
            return { is: 'basic' };
        if (credentials === undefined)
            return { is: 'nothing' };
        const other = this.#latest === undefined ? undefined : tokens.known(this.#latest);
        if (other === undefined || this.#latest === undefined)
            return { is: 'nothing' };
        return { is: 'token', value: other, asked: this.#latest };
    }
    /** @throws WireError where the token service refuses what it gave before: that is no answer of the registry */
    async #token(asked, request, refused) {
        try {
            return { is: 'token', value: await this.#authorization.tokens.get(asked, request, refused), asked };
        }
        catch (error) {
            if (error instanceof TokenRefused)
                throw new WireError(request, 'token', `gives no token any more (${error.message})`);
            throw error;
        }
    }
    #show(request, shown) {
        const { credentials } = this.#authorization;
        const headers = { ...request.headers };
        if (shown.is === 'token')
            headers['authorization'] = `Bearer ${shown.value}`;
        if (shown.is === 'ready' && credentials?.kind === 'ready')
            headers['authorization'] = `Bearer ${credentials.token}`;
        if (shown.is === 'basic' && credentials?.kind === 'basic')
            headers['authorization'] = basicHeader(credentials);
        return this.#send({ ...request, headers, identified: true });
    }
    /** @returns what to show next, or why there is nothing that would help */
    async #answer(request, response, need, shown, refused) {
        const { credentials, tokens } = this.#authorization;
        if (shown.is === 'ready')
            return 'the token that was given is not taken';
        const challenges = challengesOf(response);
        const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'));
        // Harbor answers a token that it does not take any more with a Basic challenge.
        const again = bearer === undefined ? this.#learnt.get(need) : undefined;
        if (bearer === undefined && (again === undefined || shown.is === 'basic')) {
            const basic = challenges.some(({ scheme }) => scheme === 'basic');
            if (basic && credentials?.kind === 'basic' && shown.is !== 'basic')
                return { is: 'basic' };
            return this.#useless(response, challenges, shown);
        }
        const asked = bearer === undefined ? again : askedFor(request, response, bearer);
        if (asked === undefined)
            return this.#useless(response, challenges, shown);
        const resigned = this.#resigned.get(need) ?? -Infinity;
        const renews = refused !== undefined && tokens.known(asked) === refused;
        if (renews && this.#authorization.clock.now() - resigned < RESIGNED)
            return this.#refusal(response, need, shown);
        try {
            const value = await tokens.get(asked, request, refused);
            this.#learnt.set(need, asked);
            this.#latest = asked;
            return { is: 'token', value, asked };
        }
        catch (error) {
            if (error instanceof TokenRefused)
                return error.message;
            throw error;
        }
    }
    #useless(response, challenges, shown) {
        const { credentials } = this.#authorization;
        const schemes = [...new Set(challenges.map(({ scheme }) => scheme))].slice(0, 3);
        if (schemes.length === 0)
            return 'the registry does not say how to authenticate';
        if (!schemes.includes('basic'))
            return `only Basic and Bearer are spoken here, and it asks for ${schemes.map((scheme) => quote(response, scheme)).join(', ')}`;
        if (credentials === undefined)
            return 'no credentials were given';
        return shown.is === 'basic'
            ? 'the credentials are refused'
            : 'it asks for a user and a password, and a token was given';
    }
    #refusal(response, need, shown) {
        if (shown.is === 'nothing')
            return 'no credentials were given';
        if (shown.is !== 'token')
            return 'the credentials are refused';
        const now = this.#authorization.clock.now();
        if (now - (this.#resigned.get(need) ?? -Infinity) >= RESIGNED)
            this.#resigned.set(need, now);
        const challenge = challengesOf(response).find(({ scheme }) => scheme === 'bearer');
        const wanted = challenge?.parameters.get('scope') ?? shown.asked.scope ?? '';
        const { realm: url, hidden } = shown.asked;
        const { host } = shownUrl({ url, ...(hidden !== undefined && { hidden }) });
        // Read piece by piece and put together anew, so it is judged as it came.
        const what = quote(response, wanted) === wanted ? scopeText(wanted) : 'what is needed';
        return `the token that ${host} gave does not allow ${what}`;
    }
}
function challengesOf(response) {
    return parseChallenges(response.headers.get('www-authenticate') ?? '');
}
function askedFor(request, response, { parameters }) {
    const realm = parameters.get('realm') ?? '';
    // As it came: a URL has its host in small letters. Its query is never named.
    const address = realm.replace(/[?#][^]*$/, '');
    const hidden = () => quote(response, address) !== address;
    return {
        realm: parseRealm(request, realm, hidden),
        hidden,
        service: parameters.get('service'),
        scope: parameters.get('scope'),
    };
}
/** 401; or 403 where the registry says, as RFC 6750 has it, that only the token is not enough. */
function isChallenge(response) {
    if (response.status === 401)
        return true;
    return (response.status === 403 &&
        challengesOf(response).some(({ scheme, parameters }) => scheme === 'bearer' && parameters.get('error') === 'insufficient_scope'));
}
/** Requests that need the same permission: which one, the registry says itself. */
function needOf({ method, url }) {
    const kind = method === 'GET' || method === 'HEAD' ? 'read' : method === 'DELETE' ? 'delete' : 'write';
    const [, repository = url.pathname] = /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(url.pathname) ?? [];
    return `${kind} ${repository}`;
}

;// CONCATENATED MODULE: ./src/registry/auth/tokens.ts



/** A token is renewed this long before its end, or a quarter of its life where that is less, in milliseconds. */
const MARGIN = 10_000;
/** The Bearer tokens of a run, one for each realm, service and scope, however many requests wait for it. */
class Tokens {
    #options;
    #kept = new Map();
    #underWay = new Map();
    constructor(options) {
        this.#options = options;
    }
    /** @returns the token that is at hand for this and still good, if any */
    known(asked) {
        const kept = this.#kept.get(tokens_keyOf(asked));
        return kept !== undefined && this.#options.clock.now() < kept.staleAt ? kept.token.value : undefined;
    }
    /**
     * @param request the request that waits for it: its signal ends the waiting, and not the fetching, which others share
     * @param refused a token that the registry did not take: another one is fetched, unless somebody else did already
     * @throws TokenRefused, WireError
     */
    async get(asked, request, refused) {
        const key = tokens_keyOf(asked);
        const known = this.known(asked);
        if (known !== undefined && known !== refused)
            return known;
        const underWay = this.#underWay.get(key) ?? this.#fetch(key, asked);
        return (await until(underWay, request)).value;
    }
    #fetch(key, asked) {
        const { send, credentials, clock, kill, secret } = this.#options;
        const begun = clock.now();
        const fetching = fetchToken(send, asked, credentials, { signal: kill, now: () => clock.now(), secret })
            .then((token) => {
            const life = token.expiresAt - clock.now();
            // Its life is counted from when it was asked for: the answer may have taken a while.
            const spent = clock.now() - begun;
            this.#kept.set(key, { token, staleAt: token.expiresAt - spent - Math.min(MARGIN, life / 4) });
            return token;
        })
            .finally(() => this.#underWay.delete(key));
        this.#underWay.set(key, fetching);
        return fetching;
    }
}
function tokens_keyOf({ realm, service, scope }) {
    return JSON.stringify([realm.href, service ?? null, scopeKey(scope ?? '')]);
}
/** Waits, but no longer than the request may. */
async function until(token, request) {
    const { signal } = request;
    // Nobody may be left to hear of its failure.
    token.catch(() => undefined);
    if (signal.aborted)
        throw new WireError(request, 'cancelled', 'ABORTED');
    let stop;
    const stopped = new Promise((_, reject) => {
        stop = () => reject(new WireError(request, 'cancelled', 'ABORTED'));
        signal.addEventListener('abort', stop, { once: true });
    });
    try {
        return await Promise.race([token, stopped]);
    }
    finally {
        if (stop !== undefined)
            signal.removeEventListener('abort', stop);
    }
}

;// CONCATENATED MODULE: ./src/oci/mediatype.ts
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const OCI_ARTIFACT = 'application/vnd.oci.artifact.manifest.v1+json';
const SCHEMA1 = 'application/vnd.docker.distribution.manifest.v1+json';
const SCHEMA1_SIGNED = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
/**
 * Sent with every read of a manifest. Without the matching type a registry answers a false 404, or a converted manifest
 * with another digest. Schema 1 is left out on purpose: a registry that may answer with it converts.
 */
const ACCEPT = [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST, OCI_ARTIFACT, '*/*'].join(', ');
/** For a second look at what seems unknown: some registries hide whatever is not listed. */
const WIDER_ACCEPT = [
    OCI_INDEX,
    DOCKER_LIST,
    OCI_MANIFEST,
    DOCKER_MANIFEST,
    OCI_ARTIFACT,
    SCHEMA1_SIGNED,
    SCHEMA1,
    '*/*',
].join(', ');
const KINDS = {
    [OCI_INDEX]: 'index',
    [DOCKER_LIST]: 'index',
    [OCI_MANIFEST]: 'image',
    [DOCKER_MANIFEST]: 'image',
    [OCI_ARTIFACT]: 'artifact',
    [SCHEMA1]: 'schema1',
    [SCHEMA1_SIGNED]: 'schema1',
};
/** Types that say nothing of a manifest's kind: what is left is its shape. */
const GENERIC = new Set([
    '',
    'application/json',
    'application/octet-stream',
    'text/plain',
]);
/**
 * Content that some builders list in an index although it is no manifest (build caches list their layers so). Such a
 * digest must not be sent to the manifests endpoint, where 2.8 would take it for a layer link.
 */
const BLOB = /^application\/vnd\.(?:oci\.image\.(?:layer|config)\.|docker\.image\.rootfs\.|docker\.container\.image\.|buildkit\.cacheconfig\.)/;
/** @returns the media type of a Content-Type header, without parameters, in lower case; '' when there is none. */
function essence(contentType) {
    return (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
/** @returns the kind that a media type names. */
function kindOf(mediaType) {
    return ((Object.hasOwn(KINDS, mediaType) ? KINDS[mediaType] : undefined) ??
        (BLOB.test(mediaType) ? 'blob' : 'unknown'));
}
/** @returns whether a media type leaves the kind open. */
function isGeneric(mediaType) {
    return GENERIC.has(mediaType);
}

;// CONCATENATED MODULE: ./src/registry/cached.ts

/** Characters of a header that are shown. */
const EXCERPT = 60;
/** Names of headers in which caches say what they did, but those that only say what may be cached. */
const STATUS = /cache|^x-served-from$|^server-timing$/;
const NO_STATUS = /^(?:cache-control|cdn-cache-control|surrogate-control)$|-cache-control$|cache-key|cache-tag|cache-ttl|cacheable/;
/** Words that say that the answer was stored: HIT, TCP_MEM_HIT, STALE, UPDATING (nginx serves a stale one meanwhile). */
const STORED = /(?<![a-z])(?:hit|stale|updating)(?![a-z])/i;
/** RFC 9211: why a cache asked the origin (`fwd=stale`), and a hit that was none. Neither is an answer from a cache. */
const FORWARDED = /\bfwd(?:-status)?\s*=\s*[\w-]+|\bhit\s*=\s*\?0/gi;
/**
 * Tells whether a response comes out of a cache in front of the registry, and so says nothing about the registry now:
 * `Age` above 0 (RFC 9111, 5.1), a cache's status header that says HIT or STALE (`X-Cache`, `X-Cache-Status`,
 * `CF-Cache-Status`, RFC 9211's `Cache-Status` and the like), or a warning that the response is stale. A cache that
 * says nothing cannot be seen.
 *
 * @returns the header that says so, such as `Age: 7`, cut to what a line can bear; undefined for the registry's own
 */
function cacheOf(response) {
    const { headers } = response;
    const age = headers.get('age');
    if (age !== undefined && Number.parseInt(age, 10) > 0)
        return cached_shown(response, 'age', age);
    for (const name of headers.keys()) {
        const value = headers.get(name) ?? '';
        if (name === 'warning' && /^\s*11[0-3]\b/.test(value))
            return cached_shown(response, name, value);
        if (!STATUS.test(name) || NO_STATUS.test(name))
            continue;
        // Squid says in a header of its own that it found something, also where it did not use it.
        if (name === 'x-cache-lookup' && headers.has('x-cache'))
            continue;
        if (name === 'server-timing' && !value.toLowerCase().includes('cache'))
            continue;
        if (name === 'x-cache-hits' ? /[1-9]/.test(value) : STORED.test(value.replace(FORWARDED, '')))
            return cached_shown(response, name, value);
    }
    return undefined;
}
/** Secrets are looked for before it is cut, where one may be cut as well. */
function cached_shown(response, name, value) {
    const whole = quote(response, value);
    return `${quote(response, name)}: ${whole.length > EXCERPT ? `${whole.slice(0, EXCERPT)}…` : whole}`;
}

;// CONCATENATED MODULE: ./src/registry/client.ts



/** Bounds of what is read, in bytes. The specification asks registries to take manifests of at least 4 MiB. */
const LIMITS = { manifest: 4 << 20, page: 8 << 20, error: 64 << 10, small: 1 << 20 };
/** Milliseconds: until the headers are there, and for the whole answer. */
const READ = { answer: 60_000, timeout: 120_000 };
/** A list of many tags is made by reading many files. */
const LIST = { answer: 240_000, timeout: 300_000 };
const WRITE_TIMEOUT = 60_000;
/** Milliseconds within which a write leaves that follows a look at what it may harm. */
const SOON = 1_000;
const BUSTER_BYTES = 12;
/** A whole layer is read, however slowly it comes. */
const HASH_TIMEOUT = 1_800_000;
const OF_THE_PROOF = new Set(['verify', 'control', 'last-check']);
/** The endpoints of one registry, a method each. They judge nothing; every one throws WireError. */
class Client {
    #options;
    #redirectsBlobs = false;
    constructor(options) {
        this.#options = options;
    }
    get origin() {
        return this.#options.origin;
    }
    /** Where the credentials come from; undefined where requests go without any. */
    get credentialsFrom() {
        return this.#options.credentialsFrom;
    }
    /** Milliseconds for which the registry asks to be left alone, 0 as a rule. */
    get heldFor() {
        return this.#options.heldFor();
    }
    /** Whether any blob was read by a redirect to a store behind the registry, as with S3, GCS or Azure. */
    get redirectsBlobs() {
        return this.#redirectsBlobs;
    }
    /** @returns a value for `Reading.cacheBuster` that was never sent before */
    newCacheBuster() {
        return this.#options.random?.hex(BUSTER_BYTES) ?? (0,external_node_crypto_.randomBytes)(BUSTER_BYTES).toString('hex');
    }
    /** Aborted when no new work may be begun. */
    get stop() {
        return this.#options.stop;
    }
    /** The base of the API (end-1): whether the registry answers, and takes the credentials. */
    base(reading) {
        return this.#read('GET', new URL('/v2/', this.#options.origin), reading, LIMITS.small);
    }
    /** A page of the tag list; without `n`, since 3.1.0 refuses large ones and distribution then sends everything. */
    tagPage(repository, page, reading = { purpose: 'list-tags' }) {
        const url = page ?? this.#url(repository, 'tags/list');
        return this.#read('GET', url, { ...LIST, ...reading }, LIMITS.page);
    }
    /** A manifest by tag or digest. Never a conditional request: 304 is answered for content that is gone. */
    manifest(repository, reference, reading) {
        return this.#readPastCaches('GET', this.#url(repository, `manifests/${reference}`), reading, LIMITS.manifest);
    }
    /**
     * A blob by plain GET: read to its end where it is small, else ended after the headers (with `firstBytes`, after its
     * first bytes). For what was purged or is shared with it; some registries bring a blob back on HEAD or Range.
     */
    blob(repository, digest, reading) {
        return this.#readPastCaches('GET', this.#url(repository, `blobs/${digest}`), reading, LIMITS.small, 'peek');
    }
    /**
     * The first byte of a blob. Only for the very last question of a run: some registries bring a purged blob back for it
     * (safety rule 8).
     */
    blobByRange(repository, digest, reading) {
        const url = this.#url(repository, `blobs/${digest}`);
        return this.#read('GET', url, reading, LIMITS.error, 'peek', { range: 'bytes=0-0' });
    }
    /** Whether a blob is there, by HEAD. Only for blobs that no write of this run names. */
    blobHead(repository, digest, reading) {
        return this.#readPastCaches('HEAD', this.#url(repository, `blobs/${digest}`), reading, LIMITS.error);
    }
    /** The config of an image, read whole. */
    config(repository, digest) {
        const url = this.#url(repository, `blobs/${digest}`);
        return this.#readPastCaches('GET', url, { purpose: 'read-config' }, LIMITS.manifest);
    }
    /** A blob to its end, of which only the digests are kept. */
    blobHash(repository, digest) {
        const reading = { purpose: 'hash-blob', timeout: HASH_TIMEOUT };
        return this.#read('GET', this.#url(repository, `blobs/${digest}`), reading, LIMITS.small, 'hash');
    }
    /**
     * What the tag list names right behind a listed tag's folder, by the order of storage keys: on distribution 3.1.1 on S3
     * the first tag that this one hides.
     */
    tagBehind(repository, last, reading) {
        const url = this.#url(repository, `tags/list?n=1&last=${encodeURIComponent(last)}`);
        return this.#read('GET', url, { ...LIST, ...reading }, LIMITS.page);
    }
    /** A page of the catalog. */
    catalogPage(page, reading = {}) {
        const url = page ?? new URL('/v2/_catalog', this.#options.origin);
        return this.#read('GET', url, { ...LIST, ...reading, purpose: 'list-repositories' }, LIMITS.page);
    }
    /** The referrers API (distribution-spec 1.1, end-12). */
    referrers(repository, digest, page, reading = {}) {
        const url = page ?? this.#url(repository, `referrers/${digest}`);
        return this.#read('GET', url, { ...reading, purpose: 'read-referrers' }, LIMITS.manifest);
    }
    /** DELETE of a tag or a manifest digest (end-9). @param timeout milliseconds: a registry may read all tags for it */
    deleteManifest(repository, reference, deleting) {
        return this.#delete(this.#url(repository, `manifests/${reference}`), deleting);
    }
    /** DELETE of a blob (end-10). */
    deleteBlob(repository, digest, deleting) {
        return this.#delete(this.#url(repository, `blobs/${digest}`), deleting);
    }
    /** GitLab's own way to delete a tag and leave its manifest. */
    deleteTagReference(repository, tag, deleting) {
        return this.#delete(this.#url(repository, `tags/reference/${tag}`), deleting);
    }
    /** PUT of a manifest under a tag (end-7). Sent once: whether it worked has to be looked up. */
    putManifest(repository, tag, mediaType, body) {
        const url = this.#url(repository, `manifests/${tag}`);
        return this.#write('PUT', url, 'put-placeholder', body, mediaType);
    }
    /** PUT of a manifest by its own digest (end-7): no tag changes, and bytes that are there already stay as they are. */
    putByDigest(repository, digest, mediaType, body) {
        const url = this.#url(repository, `manifests/${digest}`);
        return this.#write('PUT', url, 'put-manifest', body, mediaType);
    }
    /**
     * Uploads a small blob: POST for a place to put it, then PUT of the whole (end-4a, end-6).
     *
     * @returns the answer to the PUT, or to the POST where that named no place on the registry's own origin
     */
    async uploadBlob(repository, digest, body) {
        const uploads = this.#url(repository, 'blobs/uploads/');
        const begun = await this.#write('POST', uploads, 'upload-blob', new Uint8Array());
        const location = begun.headers.get('location');
        if (begun.status !== 202 || location === undefined || !URL.canParse(location, uploads.href))
            return begun;
        const place = new URL(location, uploads);
        // Credentials and content go to the registry's own origin only.
        if (place.origin !== uploads.origin)
            return begun;
        place.searchParams.set('digest', digest);
        return this.#write('PUT', place, 'upload-blob', body, 'application/octet-stream');
    }
    #url(repository, rest) {
        return new URL(`/v2/${repository}/${rest}`, this.#options.origin);
    }
    /**
     * Reads, and asks once more with a query that no cache knows if the response comes out of a cache. What the proof
     * asks decides that for itself.
     */
    async #readPastCaches(method, url, reading, limit, how) {
        const response = await this.#read(method, url, reading, limit, how);
        const asked = reading.cacheBuster !== undefined || OF_THE_PROOF.has(reading.purpose);
        if (asked || response.redirected || cacheOf(response) === undefined)
            return response;
        return this.#read(method, url, { ...reading, cacheBuster: this.newCacheBuster() }, limit, how);
    }
    async #read(method, url, reading, limit, how, more = {}) {
        const request = {
            method,
            url: reading.cacheBuster === undefined ? url : withQuery(url, reading.cacheBuster),
            purpose: reading.purpose,
            headers: {
                accept: reading.accept ?? (url.pathname.includes('/manifests/') ? ACCEPT : '*/*'),
                ...more,
            },
            fresh: reading.fresh ?? false,
            limit,
            peek: how === 'peek',
            ...(how === 'hash' && { hash: true }),
            ...(reading.firstBytes === true && { firstBytes: true }),
            patience: reading.once === true ? 'once' : reading.look === true ? 'look' : 'read',
            timeout: reading.timeout ?? READ.timeout,
            answer: reading.answer ?? READ.answer,
            ...(reading.until !== undefined && { until: reading.until }),
            signal: reading.finish === true ? this.#options.kill : this.#options.stop,
        };
        const response = await this.#options.send(request);
        if (response.redirected && url.pathname.includes('/blobs/'))
            this.#redirectsBlobs = true;
        return response;
    }
    #soon() {
        const { now } = this.#options;
        return now === undefined ? {} : { sendBy: now() + SOON };
    }
    #write(method, url, purpose, body, mediaType) {
        return this.#options.send({
            method,
            url,
            purpose,
            headers: mediaType === undefined ? {} : { 'content-type': mediaType },
            body,
            fresh: false,
            limit: LIMITS.error,
            peek: false,
            patience: 'once',
            ...((purpose === 'put-placeholder' || purpose === 'put-manifest') && this.#soon()),
            timeout: WRITE_TIMEOUT,
            // What was begun is brought to an end where that is possible: half of it would leave a tag on a placeholder.
            signal: this.#options.kill,
        });
    }
    #delete(url, { purpose, fresh, timeout }) {
        return this.#options.send({
            method: 'DELETE',
            url,
            purpose,
            headers: {},
            fresh: fresh ?? false,
            limit: LIMITS.error,
            peek: false,
            patience: purpose === 'probe' ? 'read' : 'once',
            ...(purpose !== 'probe' && purpose !== 'delete-placeholder' && this.#soon()),
            timeout,
            // The probe names nothing, so it may end as reads do.
            signal: purpose === 'probe' ? this.#options.stop : this.#options.kill,
        });
    }
}
/** @returns the URL with a query of its own beside the one that it has */
function withQuery(url, value) {
    const copy = new URL(url);
    copy.searchParams.set('registry-purge', value);
    return copy;
}

;// CONCATENATED MODULE: ./src/registry/limit.ts
/**
 * Keeps at most `most` requests in flight and counts what is sent.
 *
 * @param send what to decorate
 * @param most 1 or more
 * @param counts is added to
 */
function limited(send, most, counts) {
    let free = most;
    const waiting = [];
    const leave = () => {
        const next = waiting.shift();
        if (next === undefined)
            free++;
        else
            next();
    };
    return async (request) => {
        if (free > 0)
            free--;
        else
            await new Promise((enter) => waiting.push(enter));
        try {
            counts[request.purpose] = (counts[request.purpose] ?? 0) + 1;
            return await send(request);
        }
        finally {
            leave();
        }
    };
}
/**
 * Runs `work` for each entry, `width` at a time. The first error ends it: no further entry is begun, those under way
 * are awaited, then it is thrown.
 *
 * @returns the results in the order of the entries
 */
async function each(list, width, work) {
    const results = new Array(list.length);
    let next = 0;
    let failure;
    const worker = async () => {
        while (next < list.length && failure === undefined) {
            const index = next++;
            try {
                results[index] = await work(list[index], index);
            }
            catch (error) {
                failure ??= { error };
            }
        }
    };
    await Promise.all(Array.from({ length: Math.min(width, list.length) }, worker));
    if (failure !== undefined)
        throw failure.error;
    return results;
}

;// CONCATENATED MODULE: ./src/registry/pace.ts

const FIRST_HOLD = 200;
const LONGEST_HOLD = 10_000;
/** A registry that asks for more is asked once in a while all the same: some send a date far off by mistake. */
const LONGEST_RETRY_AFTER = 120_000;
/** These follow a look at what they may harm, and are not kept back for longer than SOON, in milliseconds. */
const FOLLOW_A_LOOK = new Set([
    'delete-tag',
    'delete-manifest',
    'delete-blob',
    'put-manifest',
    'put-placeholder',
]);
const pace_SOON = 1_000;
/**
 * The policy, a pure function: for how long a whole host is left alone after one of its answers.
 *
 * @param response what came
 * @param strikes how many answers in a row asked for patience without saying how much, this one included
 * @param now milliseconds since the epoch, for a Retry-After that is a date
 * @param random a number from 0 to 1, for jitter
 * @returns milliseconds; 0 where the answer asks for nothing
 */
function holdAfter(response, strikes, now, random) {
    const { status, headers } = response;
    const asked = status === 429 || status >= 500 ? retryAfter(headers.get('retry-after'), now) : undefined;
    if (asked !== undefined && asked > 0)
        return Math.min(asked, LONGEST_RETRY_AFTER);
    if (status !== 429)
        return 0;
    return Math.min(LONGEST_HOLD, FIRST_HOLD * 2 ** Math.min(strikes - 1, 16)) * (0.5 + random / 2);
}
/** @returns milliseconds of a Retry-After header in either form (RFC 9110, 10.2.3), or undefined. */
function retryAfter(value, now) {
    if (value === undefined)
        return undefined;
    if (/^\d{1,6}$/.test(value.trim()))
        return Number(value.trim()) * 1000;
    // Only what begins with a day's name: a parser of dates takes almost any number for one.
    const date = /^\s*[A-Za-z]{3}/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
/** One clock for each host: who is asked for patience once, keeps all requests to that host back. */
class Pace {
    #clock;
    #random;
    #hosts = new Map();
    constructor(clock, random) {
        this.#clock = clock;
        this.#random = random;
    }
    /** @returns milliseconds for which an origin is to be left alone, or 0 */
    heldFor(origin) {
        return Math.max(0, (this.#hosts.get(origin)?.until ?? 0) - this.#clock.now());
    }
    /** Takes in an answer. @param sentAt when its request was sent */
    hear(origin, response, sentAt) {
        const now = this.#clock.now();
        const host = this.#hosts.get(origin) ?? { until: 0, strikes: 0, struckAt: -1 };
        if (response.status === 429) {
            // What was in flight together is one strike.
            if (sentAt >= host.struckAt) {
                host.strikes++;
                host.struckAt = now;
            }
        }
        else if (response.status < 500)
            host.strikes = 0;
        const hold = holdAfter(response, Math.max(1, host.strikes), now, this.#random.int(1000) / 1000);
        host.until = Math.max(host.until, now + hold);
        this.#hosts.set(origin, host);
    }
    /** Sends when the host may be asked again. */
    decorate(send) {
        return async (request) => {
            const { origin } = request.url;
            const begun = this.#clock.now();
            const late = (held) => this.#clock.now() + held > (request.sendBy ?? Infinity);
            if (late(0))
                throw new WireError(request, 'held', '0');
            for (let held = this.heldFor(origin); held > 0; held = this.heldFor(origin)) {
                const left = (request.until ?? Infinity) - this.#clock.now();
                const waited = this.#clock.now() - begun;
                const soon = waited + held < pace_SOON || !FOLLOW_A_LOOK.has(request.purpose);
                if (held > left || late(held) || !soon)
                    throw new WireError(request, 'held', String(Math.ceil(held)));
                await this.#clock.sleep(held, request.signal);
                if (request.signal.aborted)
                    throw new WireError(request, 'cancelled', 'ABORTED');
            }
            const sentAt = this.#clock.now();
            const response = await send(request);
            this.hear(origin, response, sentAt);
            return response;
        };
    }
}

;// CONCATENATED MODULE: ./src/registry/redirect.ts


const FOLLOWED = new Set([301, 302, 303, 307, 308]);
const redirect_MOST = 5;
/** What changes something is never sent on to where an answer points. */
const READS = new Set(['GET', 'HEAD']);
/**
 * Follows redirects of reads by hand: at most five, never from https to http, never to an address of the link or the
 * machine's metadata service. Credentials are added below this decorator, by origin; those that a request came with
 * stay behind where it leaves its origin.
 *
 * @param send what to decorate
 * @param secret is told of the link, which may be signed
 */
function following(send, secret = () => undefined) {
    return async (request) => {
        let current = request;
        for (let hops = 0;; hops++) {
            const response = await send(current);
            const location = response.headers.get('location');
            if (location !== undefined && URL.canParse(location, current.url.href))
                secret(new URL(location, current.url), request.url);
            if (!READS.has(request.method) || !FOLLOWED.has(response.status) || location === undefined)
                return { ...response, redirected: hops > 0 && redirect_place(current.url) !== redirect_place(request.url) };
            if (hops === redirect_MOST)
                throw new WireError(request, 'network', `more than ${redirect_MOST} redirects`);
            const url = target(request, current.url, location);
            const { quoting } = response;
            // As it came: a URL has its host in small letters. Its query is never named.
            const hidden = () => quoting?.word(location.replace(/[?#][^]*$/, '')) === undefined;
            const next = quoting === undefined ? { ...current } : { ...current, hidden };
            current = url.origin === current.url.origin ? { ...next, url } : abroad(next, url);
        }
    };
}
/** Somewhere else nobody is told who asks. */
function abroad(request, url) {
    const { authorization: _, ...headers } = request.headers;
    return { ...request, url, headers, identified: false };
}
/** A slash put right leads to the same thing; another path or origin leads to storage behind the registry. */
function redirect_place(url) {
    return url.origin + url.pathname.replace(/\/$/, '');
}
function target(request, from, location) {
    let url;
    try {
        url = new URL(location, from);
    }
    catch {
        throw new WireError(request, 'network', 'a redirect to what is no URL');
    }
    const plain = url.protocol === 'http:';
    if (url.protocol !== 'https:' && !plain)
        throw new WireError(request, 'forbidden-address', 'what is neither https nor http');
    if (plain && from.protocol === 'https:')
        throw new WireError(request, 'forbidden-address', 'plain http after https');
    if (isForbidden(url.hostname))
        throw new WireError(request, 'forbidden-address', 'a link-local or metadata address');
    url.username = '';
    url.password = '';
    return url;
}

;// CONCATENATED MODULE: ./src/registry/retry.ts


const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);
/**
 * How often something is sent that keeps failing. With six, and three answers in ten lost, one read in some 1,400 fails.
 * A look of the proof that fails is made up for by another round, so it is given up sooner.
 */
const ATTEMPTS = { read: 6, look: 4, once: 1 };
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 10_000;
const retry_LONGEST_RETRY_AFTER = 120_000;
/**
 * The policy, a pure function: whether something is sent again, and after which pause.
 *
 * "Too many requests" is no answer and no failure: it is asked again as long as the run may last. A reset is tried again
 * at once, once: a kept connection that the server closed looks so. What another try cannot change (name, refused
 * certificate, size) is not tried again.
 *
 * @param attempt what came
 * @param tried how many times it has been sent, 1 or more
 * @param patience of the request
 * @param now milliseconds since the epoch, for a Retry-After that is a date
 * @param random a number from 0 to 1, for jitter
 * @returns milliseconds to wait, or undefined to take the answer as it is
 */
function pauseBefore(attempt, tried, patience, now, random) {
    if (patience === 'once')
        return undefined;
    if (attempt instanceof WireError) {
        const passing = (attempt.failure === 'timeout' && patience === 'read') ||
            (attempt.failure === 'network' && /^(?:ECONN|EPIPE|EAI_AGAIN|ETIMEDOUT|ERR_STREAM)/.test(attempt.code));
        if (!passing || tried >= ATTEMPTS[patience])
            return undefined;
        if (tried === 1 && attempt.code === 'ECONNRESET')
            return 0;
        return growing(tried, random);
    }
    const throttled = attempt.status === 429;
    if (!throttled && !attempt.cut && !TRANSIENT.has(attempt.status))
        return undefined;
    if (!throttled && tried >= ATTEMPTS[patience])
        return undefined;
    const asked = retryAfter(attempt.headers.get('retry-after'), now);
    // "At once" is no pause, and what is asked without end must not go round without one.
    if (asked === undefined || asked === 0)
        return growing(tried, random);
    return Math.min(asked, retry_LONGEST_RETRY_AFTER);
}
function growing(tried, random) {
    return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(tried - 1, 16)) * (0.5 + random / 2);
}
/**
 * Sends again by the policy. What changes something is never repeated here: its outcome has to be looked up first.
 *
 * @param send what to decorate
 * @param clock for the pauses, which end at once when the request's signal is aborted
 * @param random for jitter
 */
function retrying(send, clock, random) {
    return async (request) => {
        let throttled = 0;
        const lost = [];
        for (let sent = 1;; sent++) {
            const attempt = await send({ ...request, attempt: sent }).catch((error) => {
                if (error instanceof WireError)
                    return error;
                throw error;
            });
            const asksForPatience = !(attempt instanceof WireError) && attempt.status === 429;
            if (asksForPatience)
                throttled++;
            // Being put off is no failure, so it does not use up what failures may.
            const tried = asksForPatience ? throttled : sent - throttled;
            const now = clock.now();
            const patience = changesNothing(request) ? request.patience : 'once';
            const pause = pauseBefore(attempt, tried, patience, now, random.int(1000) / 1000);
            const late = pause !== undefined && now + pause > (request.until ?? Infinity);
            if (pause === undefined || late || request.signal.aborted) {
                if (attempt instanceof WireError)
                    throw attempt;
                return lost.length > 0 ? { ...attempt, lost } : attempt;
            }
            if (!asksForPatience)
                lost.push(attempt instanceof WireError ? attempt.code : String(attempt.status));
            await clock.sleep(pause, request.signal);
        }
    };
}
/** A probe names what does not exist, and a token is nobody's but ours. */
function changesNothing({ method, purpose }) {
    return method === 'GET' || method === 'HEAD' || purpose === 'probe' || purpose === 'token';
}

;// CONCATENATED MODULE: ./src/registry/trace.ts

/**
 * Tells one line a request that went over the network: method, URL without what may be secret, status or failure,
 * milliseconds, and which sending of the same request it was.
 *
 * @param send what to decorate
 * @param tell takes the line
 */
function traced(send, clock, tell) {
    return async (request) => {
        const begun = clock.now();
        const say = (outcome) => tell(`${request.method} ${display(shownUrl(request))} ${outcome} ${clock.now() - begun} ms attempt ${request.attempt ?? 1}`);
        try {
            const response = await send(request);
            say(outcomeOf(response));
            return response;
        }
        catch (error) {
            say(error instanceof WireError ? error.code : 'failed');
            throw error;
        }
    };
}
function outcomeOf({ status, cut }) {
    return cut ? `${status} cut` : String(status);
}

// EXTERNAL MODULE: ./node_modules/node-fetch/src/index.js + 10 modules
var src = __webpack_require__(3323);
// EXTERNAL MODULE: ./node_modules/node-fetch/src/errors/fetch-error.js
var fetch_error = __webpack_require__(5156);
// EXTERNAL MODULE: external "node:dns"
var external_node_dns_ = __webpack_require__(610);
// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(7067);
var external_node_http_default = /*#__PURE__*/__webpack_require__.n(external_node_http_);
// EXTERNAL MODULE: external "node:https"
var external_node_https_ = __webpack_require__(4708);
var external_node_https_default = /*#__PURE__*/__webpack_require__.n(external_node_https_);
// EXTERNAL MODULE: external "node:tls"
var external_node_tls_ = __webpack_require__(1692);
var external_node_tls_default = /*#__PURE__*/__webpack_require__.n(external_node_tls_);
;// CONCATENATED MODULE: ./src/registry/agents.ts





const CONNECT = 15_000;
/** A name that a registry sent leads to where nothing is sent. */
const FORBIDDEN = 'EFORBIDDEN';
/** No connection in time. */
const TOO_SLOW = 'ECONNECTLIMIT';
/** The connections of a run: who is told what, and who is trusted, depends on where they lead. */
class Agents {
    #options;
    #made = new Map();
    #contexts = new Map();
    constructor(options) {
        this.#options = options;
    }
    /** @returns the agent for a request to http or https */
    for({ url, fresh, identified }) {
        const kind = url.origin === this.#options.origin ? 'registry' : identified === true ? 'tokens' : 'elsewhere';
        const key = `${url.protocol} ${kind} ${fresh ? 'fresh' : 'kept'}`;
        const known = this.#made.get(key);
        if (known !== undefined)
            return known;
        const agent = this.#make(url.protocol === 'https:', kind, fresh);
        this.#made.set(key, agent);
        return agent;
    }
    close() {
        for (const agent of this.#made.values())
            agent.destroy();
    }
    #make(secure, kind, fresh) {
        const { origin, connections, proxy, verify, connect = CONNECT, resolve = external_node_dns_.lookup } = this.#options;
        const own = fresh ? rotating(resolve) : resolve;
        const common = {
            ...(fresh ? { keepAlive: false } : { keepAlive: true, maxSockets: connections }),
            proxyEnv: { ...proxy },
            // The user's own registry may be wherever it is; where an answer leads is another matter.
            lookup: kind === 'registry' ? own : carefully(new URL(origin).hostname, own),
        };
        if (!secure)
            return agents_limited(new (external_node_http_default()).Agent(common), 'connect', connect);
        const agent = new (external_node_https_default()).Agent({
            ...common,
            secureContext: this.#context(kind !== 'elsewhere'),
            rejectUnauthorized: verify || kind !== 'registry',
            // No session is resumed on a fresh connection: a balancer may choose the replica by TLS session.
            ...(fresh && { maxCachedSessions: 0 }),
        });
        return agents_limited(agent, 'secureConnect', connect);
    }
    /**
     * Whom to trust, and what to show. Made once: to read all authorities takes longer than a whole exchange, and each
     * fresh connection would do it.
     */
    #context(identified) {
        const { client, authorities } = this.#options;
        const known = this.#contexts.get(identified);
        if (known !== undefined)
            return known;
        const context = external_node_tls_default().createSecureContext({
            ca: [...external_node_tls_default().getCACertificates('default'), ...authorities],
            ...(client !== undefined && identified && { cert: client.certificate, key: client.key }),
        });
        this.#contexts.set(identified, context);
        return context;
    }
}
/** Ends a connection that is not there after `ms`. @param ready the event that says that it is */
function agents_limited(agent, ready, ms) {
    const create = agent.createConnection.bind(agent);
    agent.createConnection = (options, callback) => {
        let settle = () => undefined;
        // Called where the connection goes through a proxy: the socket below is that to the proxy.
        const socket = create(options, (error, stream) => {
            settle();
            callback?.(error, stream);
        });
        if (socket === null || socket === undefined)
            return socket;
        const timer = setTimeout(() => socket.destroy(Object.assign(new Error('no connection in time'), { code: TOO_SLOW })), ms);
        settle = () => clearTimeout(timer);
        socket.once(ready, settle);
        socket.once('close', settle);
        return socket;
    };
    return agent;
}
/**
 * Resolves names, but not to addresses where no answer may lead.
 *
 * @param own the host that the user named
 * @param resolve the system's own
 */
function carefully(own, resolve = external_node_dns_.lookup) {
    return (hostname, options, callback) => {
        resolve(hostname, options, (error, address, family) => {
            const found = Array.isArray(address) ? address.map((each) => each.address) : [address];
            const forbidden = error === null && hostname !== own && found.some(isForbidden);
            const refusal = forbidden ? Object.assign(new Error('a forbidden address'), { code: FORBIDDEN }) : error;
            callback(refusal, address, family);
        });
    };
}
/**
 * Looks up names so that each connection begins with the next of a host's addresses: each may be another replica. Node
 * tries the others where one does not answer.
 *
 * @param resolve how names are looked up
 */
function rotating(resolve) {
    let turn = 0;
    return (hostname, options, callback) => {
        resolve(hostname, { ...options, all: true }, (error, address, family) => {
            if (error !== null || !Array.isArray(address))
                return callback(error, address, family);
            // The system may turn them itself: two turns together could meet the same address each time.
            const sorted = [...address].sort((one, other) => (one.address < other.address ? -1 : 1));
            const from = turn++ % Math.max(1, sorted.length);
            const turned = [...sorted.slice(from), ...sorted.slice(0, from)];
            const [first] = turned;
            if (options.all === true || first === undefined)
                callback(null, turned);
            else
                callback(null, first.address, first.family);
        });
    };
}

;// CONCATENATED MODULE: ./src/registry/transport.ts




/** Bytes of an error that are read; what comes after them is left. */
const ERROR_LIMIT = 64 << 10;
/**
 * Makes the innermost Send, over node-fetch: it follows no redirect, asks for no compression (a manifest is hashed as
 * it lies in the registry) and leaves no body unread, since an unread one would hold its socket for ever.
 *
 * @returns the Send, and a function that closes the connections that are kept
 */
function transport(options) {
    const agents = new Agents(options);
    const send = async (request) => {
        const { protocol } = request.url;
        if (protocol !== 'http:' && protocol !== 'https:')
            throw new WireError(request, 'forbidden-address', protocol);
        const deadline = new Deadline(request);
        try {
            const fetched = await (0,src/* default */.Ay)(request.url, {
                method: request.method,
                headers: {
                    'user-agent': options.userAgent,
                    'accept-encoding': 'identity',
                    // A cache in front of the registry may know what was there a while ago (RFC 9111, 5.2.1.4).
                    'cache-control': 'no-cache',
                    ...request.headers,
                },
                ...(request.body !== undefined && { body: Buffer.from(request.body) }),
                agent: agents.for(request),
                redirect: 'manual',
                compress: false,
                signal: deadline.signal,
            });
            deadline.answered();
            return await receive(request, fetched);
        }
        catch (error) {
            throw deadline.explain(error);
        }
        finally {
            deadline.clear();
        }
    };
    return { send, close: () => agents.close() };
}
async function receive(request, fetched) {
    const headers = headersOf(fetched);
    const announced = headers.has('content-length') ? Number(headers.get('content-length')) : undefined;
    const { status } = fetched;
    const answer = { status, headers, redirected: false, ...(status === 407 && { note: PROXY }) };
    const limit = status < 400 ? request.limit : Math.min(request.limit, ERROR_LIMIT);
    const stream = fetched.body;
    if (stream === null || request.method === 'HEAD')
        return { ...answer, body: new Uint8Array(), cut: false };
    const long = announced === undefined || announced > request.limit;
    const needsBytes = request.firstBytes === true && status === 200;
    const ended = { ...answer, body: new Uint8Array(), cut: false, ended: true };
    if (request.peek && long && !needsBytes) {
        stream.destroy();
        return ended;
    }
    const parts = [];
    const hash = request.hash === true ? new Hashes() : undefined;
    let size = 0;
    try {
        for await (const part of stream) {
            size += part.length;
            if (needsBytes && (size > limit || (size > 0 && (announced ?? 0) > limit))) {
                stream.destroy();
                return ended;
            }
            if (hash !== undefined && status === 200) {
                hash.update(part);
                continue;
            }
            if (size > limit) {
                stream.destroy();
                if (status < 400)
                    throw new WireError(request, 'too-large', String(limit));
                // The status says it already.
                parts.push(part.subarray(0, part.length - (size - limit)));
                return { ...answer, body: Buffer.concat(parts), cut: false };
            }
            parts.push(part);
        }
    }
    catch (error) {
        if (error instanceof WireError || request.signal.aborted || !endsEarly(error))
            throw error;
        return { ...answer, body: Buffer.concat(parts), cut: true };
    }
    const cut = announced !== undefined && size < announced;
    return { ...answer, body: Buffer.concat(parts), cut, ...(hash !== undefined && { hashes: hash.digests() }) };
}
/** Read where they are asked for: to list them all costs more than the rest of what is done with an answer here. */
function headersOf({ headers }) {
    return {
        get: (name) => headers.get(name) ?? undefined,
        has: (name) => headers.has(name),
        keys: () => headers.keys(),
    };
}
const PROXY = 'it comes from a proxy, which asks for credentials: write them into HTTPS_PROXY or HTTP_PROXY';
/** Both digests of a body that is not kept. */
class Hashes {
    #sha256 = (0,external_node_crypto_.createHash)('sha256');
    #sha512 = (0,external_node_crypto_.createHash)('sha512');
    update(part) {
        this.#sha256.update(part);
        this.#sha512.update(part);
    }
    digests() {
        return {
            sha256: `sha256:${this.#sha256.digest('hex')}`,
            sha512: `sha512:${this.#sha512.digest('hex')}`,
        };
    }
}
/** The connection broke while the body came in, so status and headers are known. */
function endsEarly(error) {
    const code = transport_codeOf(error);
    return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE';
}
/** The words of Node name the address that did not answer: another one than was asked for is that of a proxy. */
function isOfProxy(error, { hostname, port, protocol }) {
    const text = error instanceof Error ? error.message : '';
    const [, refused] = /connect E\w+ \S*:(\d+)$/.exec(text) ?? [];
    if (refused !== undefined)
        return refused !== (port || (protocol === 'https:' ? '443' : '80'));
    const [, unknown] = /getaddrinfo E\w+ (\S+)$/.exec(text) ?? [];
    return unknown !== undefined && unknown !== hostname;
}
function transport_codeOf(error) {
    if (error instanceof fetch_error/* FetchError */.f && typeof error.code === 'string')
        return error.code;
    const code = error?.code;
    return typeof code === 'string' ? code : 'unknown';
}
/** The time limit of one request and the signal that stops it, told apart afterwards. */
class Deadline {
    #request;
    #controller = new AbortController();
    #timers;
    #stop = () => this.#controller.abort();
    #late = false;
    constructor(request) {
        this.#request = request;
        const end = () => {
            this.#late = true;
            this.#controller.abort();
        };
        const limits = [request.timeout, ...(request.answer === undefined ? [] : [request.answer])];
        this.#timers = limits.map((ms) => setTimeout(end, ms));
        if (request.signal.aborted)
            this.#stop();
        else
            request.signal.addEventListener('abort', this.#stop, { once: true });
    }
    get signal() {
        return this.#controller.signal;
    }
    /** The headers are there: what follows has the rest of the whole time. */
    answered() {
        clearTimeout(this.#timers[1]);
    }
    explain(error) {
        if (error instanceof WireError)
            return error;
        if (transport_codeOf(error) === FORBIDDEN)
            return new WireError(this.#request, 'forbidden-address', 'a link-local or metadata address');
        if (this.#late)
            return new WireError(this.#request, 'timeout', 'ETIMEDOUT');
        if (this.#request.signal.aborted)
            return new WireError(this.#request, 'cancelled', 'ABORTED');
        return new WireError(this.#request, 'network', isOfProxy(error, this.#request.url) ? NO_PROXY : transport_codeOf(error));
    }
    clear() {
        for (const timer of this.#timers)
            clearTimeout(timer);
        this.#request.signal.removeEventListener('abort', this.#stop);
    }
}

;// CONCATENATED MODULE: ./src/version.ts
/** The version of this action; a test compares it with package.json. */
const VERSION = '1.0.0';

;// CONCATENATED MODULE: ./src/connect.ts











/** Requests to token services at a time. */
const TOKEN_REQUESTS = 4;
/**
 * Puts a client together, from the inside out: transport, what may be quoted of a response, a line in the debug log, the pace that each host asks for, a
 * bound on requests in flight, credentials for the registry's own origin, redirects (each hop is judged below), and
 * retries. Token services are reached the same way, but for the credentials.
 *
 * @returns the client, and a function that closes its connections
 */
function connect(settings, around) {
    const { origin, concurrency } = settings;
    const { clock, random, counts, stop, kill, secrets, trace } = around;
    const { credentials, source } = around.found;
    const { send, close } = transport({
        origin,
        authorities: settings.authorities,
        verify: settings.verifyTls,
        connections: concurrency,
        proxy: around.proxy,
        userAgent: `registry-purge/${VERSION}`,
        ...(settings.clientTls !== undefined && { client: settings.clientTls }),
    });
    const pace = new Pace(clock, random);
    const careful = quoted(send, secrets.quoting);
    const paced = pace.decorate(trace === undefined ? careful : traced(careful, clock, trace));
    const link = (to, asked) => secrets.addLink(to, asked);
    const tokens = new Tokens({
        send: retrying(following(limited(paced, TOKEN_REQUESTS, counts), link), clock, random),
        credentials,
        clock,
        kill,
        secret: (text) => secrets.addFromWire(text),
    });
    const authorized = authorizing(limited(paced, concurrency, counts), { origin, credentials, tokens, clock });
    const client = new Client({
        origin,
        credentialsFrom: credentials === undefined ? undefined : source,
        send: retrying(following(authorized, link), clock, random),
        heldFor: () => pace.heldFor(origin),
        now: () => clock.now(),
        random,
        stop,
        kill,
    });
    return { client, close };
}

;// CONCATENATED MODULE: ./src/plan/cleanup/match.ts



/**
 * Finds the tags that match, and the images under them: however many tags an image has, it is one. Only what is listed is
 * looked at, in an order that does not depend on the list's. Tags that belong to an image by their name never match:
 * they go and stay with it.
 */
function match(facts, { globs, except, protectedTags }) {
    const images = new Map();
    const unselected = [];
    const matching = facts.listed.filter((tag) => match_matches(tag, globs) && !match_matches(tag, except));
    for (const tag of matching.sort(compare)) {
        const state = facts.tags.get(tag);
        if (state === undefined || state.is === 'unknown')
            unselected.push({
                tag,
                because: 'its manifest is unknown to the registry: it was broken before this run',
            });
        else if (state.is !== 'resolved')
            unselected.push({ tag, because: `it cannot be read: ${state.why}` });
        else {
            const { digest } = state;
            const image = images.get(digest) ?? { digest, tags: [] };
            images.set(digest, image);
            const guard = protectedTags.find((glob) => guards(glob, tag));
            if (guard === undefined)
                image.tags.push(tag);
            else
                unselected.push({ tag, digest, because: `protected-tags: ${guard.text}` });
        }
    }
    return { images, unselected };
}
/** @returns the globs that match no tag of any of these lists */
function unmatched(globs, lists) {
    return globs.filter((glob) => !lists.some((list) => list.some((tag) => match_matches(tag, [glob]))));
}
function match_matches(tag, globs) {
    return subjectKey(tag) === undefined && globs.some((glob) => glob.matches(tag));
}

;// CONCATENATED MODULE: ./src/plan/fingerprint.ts


/**
 * @param rules of which registry and scope count
 * @param repositories what is to be done
 * @returns a digest over registry, repositories, tags, digests that go, digests that are kept, and scope; no times, and
 *   sorted throughout, so that the same facts give the same fingerprint whatever order they came in
 */
function fingerprint({ registry, scope }, repositories) {
    const facts = {
        registry,
        scope,
        repositories: repositories
            .map(({ repository, tags, manifests, blobs, kept }) => ({
            repository,
            tags: tags
                .map(({ tag, root, onlyLabel }) => 
            // With the scope `tag` each of them is one.
            onlyLabel !== undefined && scope === 'image'
                ? [tag, root, 'label']
                : [tag, root])
                .sort(([one], [other]) => compare(one, other)),
            manifests: manifests.map(({ digest }) => digest).sort(compare),
            blobs: blobs.map(({ digest }) => digest).sort(compare),
            kept: kept.map(({ digest }) => digest).sort(compare),
        }))
            .sort((one, other) => compare(one.repository, other.repository)),
    };
    return sha256(JSON.stringify(facts));
}

;// CONCATENATED MODULE: ./src/oci/graph.ts
/**
 * Walks down from roots: children of indexes at any depth, and their blobs.
 *
 * @param roots manifest digests
 * @param graph what was read
 * @param referrers whether to go on to what refers to the manifests, too
 */
function reach(roots, graph, referrers) {
    const manifests = new Set(roots);
    const blobs = new Set();
    // A Set hands out entries that are added while it is walked.
    for (const digest of manifests) {
        const manifest = graph.manifests.get(digest);
        for (const twin of graph.twins.get(digest) ?? [])
            manifests.add(twin);
        for (const child of manifest?.children ?? [])
            manifests.add(child.digest);
        for (const { digest: blob } of manifest?.blobs ?? []) {
            blobs.add(blob);
            for (const twin of graph.twins.get(blob) ?? [])
                blobs.add(twin);
        }
        for (const written of manifest?.written ?? []) {
            if (graph.manifests.has(written))
                manifests.add(written);
            else {
                for (const each of [written, ...(graph.twins.get(written) ?? [])])
                    blobs.add(each);
                if (referrers)
                    for (const referrer of graph.referrers.get(written) ?? [])
                        manifests.add(referrer);
            }
        }
        if (referrers)
            for (const referrer of graph.referrers.get(digest) ?? [])
                manifests.add(referrer);
    }
    return { manifests, blobs };
}

;// CONCATENATED MODULE: ./src/plan/holders.ts


/** @returns the tags of which only the label goes */
function labelsOf(tags) {
    return tags.flatMap(({ tag, digest, onlyLabel }) => onlyLabel === undefined || digest === undefined ? [] : [{ tag, digest }]);
}
/**
 * What remaining tags need: children at any depth, their referrers, configs, layers, and every digest that is written
 * in a manifest of unknown kind (safety rule 2).
 */
class Holders {
    #held = new Set();
    #walked = new Set();
    #tagsOn = new Map();
    #graph;
    /**
     * @param pointers the tags that stay
     * @param graph what was read
     * @param named manifests that were named to go: that one of them refers to a remaining image does not hold it
     * @param labels what these pointed at stays, too
     */
    constructor(pointers, graph, named, labels = []) {
        const isNamed = (digest) => named.has(digest) || (graph.twins.get(digest) ?? []).some((twin) => named.has(twin));
        const referrers = new Map([...graph.referrers].map(([subject, list]) => [subject, list.filter((digest) => !isNamed(digest))]));
        this.#graph = { manifests: graph.manifests, twins: graph.twins, referrers };
        for (const [tag, digest] of pointers)
            this.#point(tag, digest);
        for (const { tag, digest } of labels)
            if (pointers.get(tag) !== digest)
                this.#point(tag, digest);
        this.#hold(this.#tagsOn.keys());
    }
    /** Everything that some tag needs. */
    get held() {
        return this.#held;
    }
    /** Takes in one more tag that stays. */
    add(tag, digest) {
        this.#point(tag, digest);
        if (!this.#walked.has(digest))
            this.#hold([digest]);
    }
    #point(tag, digest) {
        const tags = this.#tagsOn.get(digest);
        if (tags === undefined)
            this.#tagsOn.set(digest, [tag]);
        else
            tags.push(tag);
    }
    #hold(roots) {
        const { manifests, blobs } = this.needs(roots);
        for (const digest of manifests)
            this.#held.add(digest);
        for (const digest of manifests)
            this.#walked.add(digest);
        for (const digest of blobs)
            this.#held.add(digest);
    }
    /** Everything that these manifests need. */
    needs(roots) {
        return reach(roots, this.#graph, true);
    }
    /** The tags that point straight at a manifest. */
    on(digest) {
        return [...(this.#tagsOn.get(digest) ?? [])].sort(compare);
    }
    /**
     * The tags that need each of these digests, sorted. Walks each distinct root once: called only where something is
     * held, which is rare beside the number of tags.
     */
    of(digests) {
        const holders = new Map([...digests].map((digest) => [digest, []]));
        if (digests.size === 0)
            return holders;
        for (const [root, tags] of this.#tagsOn) {
            const { manifests, blobs } = this.needs([root]);
            for (const digest of manifests)
                collect(holders.get(digest), tags);
            for (const digest of blobs)
                if (!manifests.has(digest))
                    collect(holders.get(digest), tags);
        }
        for (const tags of holders.values())
            tags.sort(compare);
        return holders;
    }
    /** The tags whose graph holds one of these manifests. */
    over(manifests) {
        if (manifests.size === 0)
            return [];
        const tags = [];
        for (const [root, on] of this.#tagsOn) {
            if ([...this.needs([root]).manifests].some((digest) => manifests.has(digest)))
                collect(tags, on);
        }
        return tags.sort(compare);
    }
}
/** Not by spreading: a manifest can have more tags than a call takes arguments. */
function collect(into, tags) {
    for (const tag of tags)
        into?.push(tag);
}

;// CONCATENATED MODULE: ./src/plan/refusals/lines.ts
/** @returns lines for `image` that name these tags, with the digests that they resolve to */
function linesFor(repository, tags, facts) {
    return tags.map((tag) => {
        const state = facts.tags.get(tag);
        return `  ${repository}:${tag}${state?.is === 'resolved' ? `@${state.digest}` : ''}`;
    });
}

;// CONCATENATED MODULE: ./src/plan/refusals/aliases.ts


/** The leak would stay pullable under another name (safety rule 3). */
function aliases(target, survey, { reach, whole, holders, tags }, { cleanup }) {
    const configs = configsOf(reach.manifests, survey, whole.manifests);
    const straight = [...reach.manifests].flatMap((digest) => holders.on(digest).map((tag) => ({ tag, digest })));
    const twins = new Set();
    for (const [digest, { config }] of survey.manifests) {
        if (config !== undefined && configs.has(config.digest) && !reach.manifests.has(digest))
            twins.add(digest);
    }
    const sameConfig = holders.over(twins);
    // A tag of which only the label goes serves nothing any more.
    const going = new Set(tags.map(({ tag }) => tag));
    const all = [...new Set([...straight.map(({ tag }) => tag), ...sameConfig])].filter((tag) => !going.has(tag));
    if (all.length === 0)
        return [];
    const found = `also served under other tags: ${all.join(', ')} (they point at a manifest of the image, or at another manifest with the same config). It would stay pullable, so nothing was purged.`;
    // A cleanup takes only labels where it sees such a tag: this one came after that.
    if (cleanup === true)
        return [`What was selected is ${found} Run again: they are taken into account then`];
    const labels = tags
        .filter(({ belongsTo, digest }) => belongsTo === undefined && digest !== undefined)
        .map(({ tag }) => `${target.repository}:${tag}`);
    const only = labels.length === 0
        ? []
        : [
            `Or run with \`scope: tag\`: that would remove only the label ${labels.join(', ')} and leave behind the manifest and every blob, so whoever has the digest or one of the tags above could still fetch the leak.`,
        ];
    return [
        [
            `The leak is ${found} To purge them with it, add to \`image\`:`,
            ...linesFor(target.repository, all, survey),
            ...only,
        ].join('\n'),
    ];
}
/**
 * @param manifests of an image
 * @param whole these, and what is attached to them
 * @returns the configs by which another manifest shows itself as the same image
 */
function configsOf(manifests, facts, whole) {
    const configs = new Set();
    for (const digest of manifests) {
        const manifest = facts.manifests.get(digest);
        // Signatures and the like have configs that say nothing of what they are.
        if (manifest?.subject !== undefined && whole.has(manifest.subject))
            continue;
        const config = manifest?.config?.digest;
        const same = config === undefined ? [] : [config, ...(facts.twins.get(config) ?? [])];
        if (!same.some((each) => EMPTY_BLOBS.has(each)))
            for (const each of same)
                configs.add(each);
    }
    return configs;
}

;// CONCATENATED MODULE: ./src/plan/refusals/deletion.ts
const TURN_ON = 'Turn deletion on (distribution: `storage.delete.enabled: true`, or REGISTRY_STORAGE_DELETE_ENABLED=true in its environment) and run again';
/** Manifests and blobs have to be deletable before anything is written (safety rule 1). */
function deletion({ repository }, survey, rules) {
    const manifests = deletion_judge(`deletion of manifests in ${repository}`, survey.manifestDeletion, repository, rules);
    const blobs = deletion_judge(`deletion of blobs in ${repository}`, survey.blobDeletion, repository, rules);
    return {
        refusals: [...manifests.refusals, ...blobs.refusals],
        warnings: [...manifests.warnings, ...blobs.warnings],
    };
}
/** Where only labels go, one way has to be there that leaves the manifests alone. */
function untagging({ repository }, { untagging: found }, rules) {
    if (found === undefined || found.is === 'possible')
        return { refusals: [], warnings: [] };
    return deletion_judge(`removal of tags from ${repository}`, found.deletion, repository, rules);
}
function deletion_judge(what, deletion, repository, rules) {
    if (deletion.is === 'on')
        return { refusals: [], warnings: [] };
    const said = `${what}: the registry answered the probe with ${deletion.why}`;
    if (deletion.is === 'denied') {
        const sentence = `No permission for the ${said}. The user needs the action \`delete\` on ${repository}`;
        return rules.dryRun ? { refusals: [], warnings: [sentence] } : { refusals: [sentence], warnings: [] };
    }
    if (deletion.is === 'off') {
        const readOnly = deletion.readOnly
            ? ' The registry is in read-only mode (`storage.maintenance.readonly.enabled`); end that first.'
            : ' Or this is a pull-through cache (`proxy.remoteurl`), which never deletes: purge at its upstream.';
        return { refusals: [`No ${said}. ${TURN_ON}.${readOnly}`], warnings: [] };
    }
    const unclear = `It is not clear whether the registry does the ${said}. A 404 with a code such as MANIFEST_UNKNOWN was expected. ${TURN_ON}`;
    return { refusals: [unclear], warnings: [] };
}

;// CONCATENATED MODULE: ./src/plan/refusals/named.ts


const named_SHOWN = 20;
/** What was named, and cannot go: it is not there, not what it should be, or needed by a tag that stays. */
function named_named(target, survey, selected) {
    return [
        ...namedLabels(target, survey, 'image'),
        ...namedContent(target, survey, selected),
        ...needed(target, survey, selected),
    ];
}
/** Tags that were named: they have to be there, on the digest written beside them, and in the list. */
function namedLabels(target, survey, scope) {
    const { repository } = target;
    const listed = new Set(survey.listed);
    return target.tags.flatMap(({ tag, digest: pinned }) => {
        const state = survey.tags.get(tag);
        const name = `${repository}:${tag}`;
        if (state === undefined || state.is === 'unknown') {
            if (pinned !== undefined)
                return [];
            if (listed.has(tag))
                return [
                    `${name} is listed, but its manifest is unknown to the registry: the label dangles. ${scope === 'tag' ? 'Nothing can be pulled by it; push anything to it and run again, or leave it' : `Name what it stood for by digest (${name}@sha256:…), with its blobs in \`blobs\``}`,
                ];
            return [`${name} does not exist. ${existing(survey)}`];
        }
        if (state.is !== 'resolved')
            return [`${name} cannot be worked with: ${state.why}`];
        if (pinned !== undefined && pinned !== state.digest)
            return [
                `${name} points at ${state.digest}, not at ${pinned}. ${scope === 'tag' ? `To remove the label whatever it points at, write ${name} without a digest` : `If that digest is what leaked, name it alone (${repository}@${pinned}); the tag is then one that stays`}`,
            ];
        if (!listed.has(tag))
            return [
                `${name} resolves, but the registry's tag list lacks it, so the list may lack others that must stay. Nothing can be purged safely from a list that leaves tags out`,
            ];
        return [];
    });
}
function existing(survey) {
    if (survey.listed.length === 0)
        return 'The repository has no tags';
    const shown = survey.listed.slice(0, named_SHOWN).join(', ');
    const more = survey.listed.length > named_SHOWN ? ` and ${survey.listed.length - named_SHOWN} more` : '';
    return `Its repository has: ${shown}${more}`;
}
function namedContent(target, survey, { whole, reach, holders }) {
    const { repository } = target;
    const refusals = [];
    const absentTags = target.tags.filter(({ tag }) => survey.tags.get(tag)?.is !== 'resolved');
    const roots = new Set([...target.digests, ...absentTags.flatMap(({ digest }) => digest ?? [])]);
    for (const digest of whole.manifests) {
        // What is merely attached, and stays, need not be understood.
        if (holders.held.has(digest) && !reach.manifests.has(digest))
            continue;
        const name = `${repository}@${digest}`;
        const missing = survey.missing.get(digest);
        const manifest = survey.manifests.get(digest);
        if (manifest?.kind === 'schema1')
            refusals.push(`${name} is a schema 1 manifest, where something else was asked for: it may be a conversion of what is stored. Nothing can be purged safely by it`);
        else if (manifest?.kind === 'unknown')
            refusals.push(`${name} is a manifest of a kind that this action does not know, so what belongs to it cannot be told. Delete it by hand, with what it needs, and run again`);
        else if ((manifest?.written ?? []).length > 0)
            refusals.push(`${name} lists content of a media type that is neither a manifest's nor a blob's, so what belongs to it cannot be told`);
        if (missing?.is === 'missing' && roots.has(digest) && target.blobs.length === 0)
            refusals.push(`${name} is gone already, or was never a manifest here, so its blobs are unknown. Give them in \`blobs\` (from the log or report of an earlier run, or from a scanner) to purge and prove them`);
        if (missing !== undefined && missing.is !== 'missing' && !whole.blobs.has(digest))
            refusals.push(`${name}, which belongs to what was named, cannot be read: ${missing.why}`);
    }
    for (const digest of roots) {
        if (EMPTY_BLOBS.has(digest))
            refusals.push(`${repository}@${digest} is a well-known empty blob and no manifest. It is never deleted; remove it`);
    }
    for (const digest of target.blobs) {
        if (survey.manifests.has(digest))
            refusals.push(`${repository}@${digest} is a manifest, not a blob. Name it in \`image\``);
    }
    return refusals;
}
/** Something that was named cannot both go and stay. */
function needed(target, survey, { named, holders }) {
    const { repository } = target;
    const held = new Set([...named].filter((digest) => holders.held.has(digest)));
    return [...holders.of(held)].flatMap(([digest, all]) => {
        // A tag straight on it is an alias, and told as one.
        const straight = new Set(holders.on(digest));
        const tags = all.filter((tag) => !straight.has(tag));
        if (tags.length === 0)
            return [];
        const parents = [...survey.manifests.values()]
            .filter((manifest) => holders.held.has(manifest.digest) &&
            (manifest.children.some((child) => child.digest === digest) ||
                manifest.blobs.some((blob) => blob.digest === digest) ||
                manifest.written.includes(digest)))
            .map((manifest) => `${manifest.kind === 'index' ? 'index' : 'manifest'} ${manifest.digest}`);
        const through = parents.length === 0 ? '' : ` (in the ${named_some(parents)})`;
        return [
            `${repository}@${digest} was named, but a remaining tag needs it: ${named_some(tags)}${through}. Leave it out, or purge ${tags.length === 1 ? 'that tag' : 'those tags'} with it by adding to \`image\`:`,
            ...linesFor(repository, tags, survey),
        ].join('\n');
    });
}
function named_some(list) {
    const more = list.length > named_SHOWN ? ` and ${list.length - named_SHOWN} more` : '';
    return `${list.slice(0, named_SHOWN).join(', ')}${more}`;
}

;// CONCATENATED MODULE: ./src/plan/refusals/referrers.ts
/** What refers to something that goes has to go with it, so it has to be known. */
function referrers(target, survey, { manifests }) {
    const { repository } = target;
    const refusals = [];
    for (const { digest } of manifests) {
        const unclear = survey.referrersUnclear.get(digest);
        if (unclear !== undefined)
            refusals.push(`What refers to ${repository}@${digest}, which was to go, cannot be told: ${unclear}`);
        for (const referrer of survey.referrers.get(digest) ?? []) {
            const missing = survey.missing.get(referrer);
            if (missing === undefined || missing.is === 'missing')
                continue;
            refusals.push(`${repository}@${referrer} refers to ${digest}, which was to go, and cannot be read: ${missing.why}`);
        }
    }
    return [...refusals, ...survey.twinsUnclear];
}

;// CONCATENATED MODULE: ./src/plan/refusals/unreadable.ts

const WAY = 'What it needs is unknown, so nothing can be deleted safely. Repair or delete it';
const OR = 'Or write `unreadable-tags: ignore` to take it for broken';
const PASSED = 'What it needs is unknown, and `unreadable-tags: ignore` takes it for broken before this run';
/**
 * What cannot be read cannot be known, so nothing may be deleted that it might need, unless the user says that it may.
 * A lie is never passed over, nor is a protected tag, nor one that belongs to the image by its name.
 *
 * @param image manifests of the image and of what is attached to it
 */
function unreadable(survey, remaining, holders, { unreadableTags, cleanup }, image = new Set()) {
    const refusals = [];
    const warnings = [];
    const ignored = new Set();
    const name = (tag) => `${survey.repository}:${tag}`;
    const way = cleanup === true ? WAY : `${WAY}, or name it in \`image\` too`;
    const about = (what, passable, ...names) => {
        if (!passable)
            refusals.push(`${what}. ${way}`);
        else if (unreadableTags === 'refuse')
            refusals.push(`${what}. ${way}. ${OR}`);
        else {
            warnings.push(`${what}. ${PASSED}`);
            for (const each of names)
                ignored.add(each);
        }
    };
    const keys = new Set([...image].filter((digest) => !holders.held.has(digest)).map(keyOf));
    const guarded = new Set(remaining.flatMap((each) => (each.protected ? [each.tag] : [])));
    for (const { tag } of remaining) {
        const state = survey.tags.get(tag);
        if (state?.is === 'unreadable' && keys.has(subjectKey(tag) ?? ''))
            refusals.push(`${name(tag)} belongs to the image by its name, and cannot be read: ${state.why}. What it holds is unknown, and it was to go as well. Repair it, or delete it by hand`);
        else if (state?.is === 'unreadable')
            about(`${name(tag)} stays, but cannot be read: ${state.why}`, !guarded.has(tag), tag);
        if (state?.is === 'lie')
            refusals.push(`${name(tag)} stays, but the registry's answer cannot be true: ${state.why}`);
        if (state?.is === 'unknown' && guarded.has(tag))
            about(`${name(tag)} is in protected-tags, but its manifest is unknown to the registry`, false);
    }
    const blind = new Set([...survey.missing.keys()].filter((digest) => holders.held.has(digest)));
    for (const [digest, tags] of holders.of(blind)) {
        const missing = survey.missing.get(digest);
        const why = missing === undefined || missing.is === 'missing' ? 'it is unknown to the registry' : missing.why;
        const passable = missing?.is !== 'lie' && !tags.some((tag) => guarded.has(tag));
        about(`${tags.map(name).join(', ')} needs the manifest ${digest}, which cannot be read: ${why}`, passable, digest);
    }
    for (const [subject, why] of survey.referrersUnclear)
        if (holders.held.has(subject))
            about(`What refers to ${survey.repository}@${subject}, which stays, cannot be told: ${why}`, true, subject);
    return { refusals, warnings, ignored };
}

;// CONCATENATED MODULE: ./src/plan/refuse.ts






/**
 * Finds every reason why a plan must not be carried out. Each sentence says what is wrong, with what, and the way out.
 *
 * @returns refusals, and warnings for what is no obstacle
 */
function refuse(target, survey, selected, rules) {
    const probed = deletion(target, survey, rules);
    // The way to remove a label alone is asked for only where one is to go.
    const labels = untagging(target, survey, rules);
    const blind = unreadable(survey, selected.remaining, selected.holders, rules, selected.whole.manifests);
    const refusals = [
        ...named_named(target, survey, selected),
        ...blind.refusals,
        ...aliases(target, survey, selected, rules),
        ...referrers(target, survey, selected),
        ...shared(selected, rules),
        ...probed.refusals,
        ...labels.refusals,
    ];
    const warnings = [
        ...forgotten(target, survey),
        ...lost(selected),
        ...dangling(selected.remaining, survey),
        ...blind.warnings,
        ...notNamed(selected),
        ...servesMore(selected),
        ...elsewhere(selected),
        ...probed.warnings,
        ...labels.warnings,
    ];
    return { refusals, warnings, ignored: blind.ignored };
}
/** Of what belongs to the image, tags whose names do not say so. */
function notNamed({ tags }) {
    return tags.flatMap(({ tag, belongsTo }) => belongsTo === undefined || subjectKey(tag) !== undefined
        ? []
        : [
            `${tag} goes, although it was not named: it points at a manifest that refers to ${belongsTo}. If it has to stay, name it in \`protected-tags\``,
        ]);
}
/** Of what belongs to the image by name, what stays. */
function servesMore({ shared }) {
    return shared.map((tag) => `${tag} belongs to the image, but serves something that stays as well: so it stays, and what it needs is still served`);
}
function elsewhere({ manifests, blobs }) {
    return [...manifests, ...blobs]
        .filter(({ foreign }) => foreign)
        .map(({ digest }) => `${digest} lies in other places, too, which its manifest names (\`urls\`). It goes from this registry; those places are out of reach`);
}
function shared({ kept }, rules) {
    if (rules.sharedBlobs === 'keep' || kept.length === 0)
        return [];
    const lines = kept.map(({ digest, heldBy }) => `  ${digest} is needed by ${heldBy.join(', ')}`);
    return [
        [
            `shared-blobs is \`fail\`, and remaining tags need ${kept.length} of the image's digests:`,
            ...lines,
            `Set shared-blobs to \`keep\` to purge the rest${rules.cleanup === true ? '' : ', or name those tags in `image` too'}`,
        ].join('\n'),
    ];
}
/** Nothing tells a repository that is empty by now from one that never was, or that these credentials may not see. */
function forgotten({ repository }, survey) {
    if (survey.forgotten !== true)
        return [];
    return [
        `the registry does not know the repository ${repository}. If its last tag is gone that is as it should be. If the name is misspelt, or if these credentials may not see it, nothing is purged: check the name`,
    ];
}
/** What hung on a manifest that is gone cannot be told any more. */
function lost({ manifests }) {
    return manifests
        .filter(({ gone }) => gone)
        .map(({ digest }) => `${digest} is gone already, so its config and layers are unknown and may still be served. If another record of the image has them, purge them with \`blobs\``);
}
/** Tags that were broken before. */
function dangling(remaining, survey) {
    return remaining
        .filter((each) => survey.tags.get(each.tag)?.is === 'unknown' && !each.protected)
        .map(({ tag }) => `${tag} is listed, but its manifest is unknown to the registry: it was broken before this run`);
}

;// CONCATENATED MODULE: ./src/plan/attached.ts



/** More than this many steps from one tag to the next are nobody's signatures. */
const STEPS = 1000;
/**
 * Finds what belongs to the named images: manifests that refer to one of theirs (`subject`), to any depth, and tags that
 * belong to one of theirs by name (`sha256-<hex>`, `.sig`, `.att`, `.sbom`) or point at such a referrer.
 *
 * Only what goes takes along what is attached to it: a child that another tag needs keeps its signatures. A referrers
 * index or tag that serves anything else as well stays, with all it needs. A registry's word alone does not make a
 * manifest a referrer: its own `subject`, which is hashed, has to say so.
 *
 * @param roots manifests that were named
 * @param pointers every tag that was not named and resolves
 * @param graph what was read
 * @param named what was named: that it refers to a remaining image does not hold it
 * @param guarded tags that stay whatever they belong to
 * @param strange what does not belong to anything, although it refers to it
 * @param labels tags of which only the label goes: what they point at is held, whether or not they still point there
 */
function attach(roots, pointers, graph, named, guarded, strange = new Set(), labels = []) {
    const candidates = new Candidates(pointers, graph, strange);
    const belonging = candidates.grow(roots, new Set()).tags;
    const open = new Map([...belonging].filter(([tag]) => !guarded.has(tag)));
    const named512 = longKeys(graph);
    const sure = new Map([...pointers].filter(([tag]) => !open.has(tag)));
    const holders = new Holders(sure, graph, named, labels);
    const staying = [...belonging.keys()].filter((tag) => guarded.has(tag));
    const keep = (tag) => {
        const root = pointers.get(tag);
        open.delete(tag);
        staying.push(tag);
        if (root !== undefined)
            holders.add(tag, root);
    };
    for (let step = 0;; step++) {
        const before = open.size;
        for (const [tag, subjects] of open) {
            const root = pointers.get(tag);
            const all = new Set([...subjects, ...subjectsByName(tag, named512)]);
            if (root === undefined || step >= STEPS || serves(root, all, graph, holders.held))
                keep(tag);
        }
        const { tags } = candidates.grow(roots, holders.held);
        for (const tag of [...open.keys()])
            if (!tags.has(tag))
                keep(tag);
        if (open.size === before)
            break;
    }
    const { manifests, blobs, subjects } = candidates.grow(roots, holders.held);
    const loses = (tag) => [...(belonging.get(tag) ?? [])].some((subject) => !holders.held.has(subject));
    return { tags: open, staying: staying.filter(loses).sort(compare), manifests, blobs, subjects, holders };
}
/** The manifests to which a tag belongs by its name, whether or not they were read. */
function subjectsByName(tag, long) {
    const key = subjectKey(tag);
    if (key === undefined)
        return [];
    return long.get(key) ?? [key.replace('-', ':')];
}
/** sha512 digests are longer than their keys, so only those that are known can be found by one. */
function longKeys({ manifests }) {
    const keys = new Map();
    for (const digest of manifests.keys())
        if (digest.startsWith('sha512:'))
            push(keys, keyOf(digest), digest);
    return keys;
}
/** Whether what a tag points at serves something that stays. */
function serves(root, subjects, graph, held) {
    if (held.has(root) || [...subjects].some((subject) => held.has(subject)))
        return true;
    const below = new Set([root]);
    for (const digest of below) {
        const manifest = graph.manifests.get(digest);
        if (manifest?.subject !== undefined && held.has(manifest.subject))
            return true;
        for (const child of manifest?.children ?? [])
            below.add(child.digest);
    }
    return false;
}
/** Tags by what they might belong to. */
class Candidates {
    #pointers;
    #graph;
    #strange;
    #byKey = new Map();
    #onReferrer = new Map();
    constructor(pointers, graph, strange) {
        this.#pointers = pointers;
        this.#graph = graph;
        this.#strange = strange;
        for (const [tag, digest] of pointers) {
            const key = subjectKey(tag);
            if (key !== undefined)
                push(this.#byKey, key, tag);
            if (graph.manifests.get(digest)?.subject !== undefined)
                push(this.#onReferrer, digest, tag);
        }
    }
    /** Walks from the roots to everything below them and attached to them, but from what is held only down. */
    grow(roots, held) {
        const { manifests: known, referrers, twins } = this.#graph;
        const manifests = new Set(roots);
        const blobs = new Set();
        const tags = new Map();
        const subjects = new Map();
        const belong = (tag, subject) => {
            const root = this.#pointers.get(tag);
            if (root === undefined)
                return;
            push(tags, tag, subject);
            if (root !== subject)
                push(subjects, root, subject);
            manifests.add(root);
        };
        // A Set hands out entries that are added while it is walked.
        for (const digest of manifests) {
            const manifest = known.get(digest);
            const same = twins.get(digest) ?? [];
            for (const twin of same)
                manifests.add(twin);
            for (const child of manifest?.children ?? [])
                manifests.add(child.digest);
            for (const { digest: blob } of manifest?.blobs ?? []) {
                blobs.add(blob);
                for (const twin of twins.get(blob) ?? [])
                    blobs.add(twin);
            }
            for (const written of manifest?.written ?? []) {
                if (known.has(written))
                    manifests.add(written);
                else
                    for (const each of [written, ...(twins.get(written) ?? [])])
                        blobs.add(each);
            }
            if (held.has(digest))
                continue;
            for (const referrer of referrers.get(digest) ?? []) {
                if (this.#strange.has(referrer))
                    continue;
                const subject = known.get(referrer)?.subject;
                if (subject !== digest && !same.some((twin) => twin === subject))
                    continue;
                push(subjects, referrer, digest);
                manifests.add(referrer);
                this.#onReferrer.get(referrer)?.forEach((tag) => belong(tag, digest));
            }
            this.#byKey.get(keyOf(digest))?.forEach((tag) => belong(tag, digest));
        }
        return { tags, manifests, blobs, subjects };
    }
}
function push(map, key, value) {
    const set = map.get(key);
    if (set === undefined)
        map.set(key, new Set([value]));
    else
        set.add(value);
}

;// CONCATENATED MODULE: ./src/plan/split.ts


/**
 * Splits content: what a remaining tag needs stays, the rest goes. The well-known empty blobs are in neither.
 *
 * @param whole everything that belongs to what was named
 * @param more blobs that were named by themselves
 * @param named what was named, by tag or digest
 */
function split(whole, more, read, named) {
    const isEmpty = (digest) => [digest, ...(read.twins.get(digest) ?? [])].some((each) => EMPTY_BLOBS.has(each));
    // A digest that did not come as a manifest and that a manifest has as its blob is a blob.
    const manifests = [...whole.manifests].filter((digest) => !isEmpty(digest) && (read.manifests.has(digest) || !whole.blobs.has(digest)));
    const isManifest = new Set(manifests);
    const blobs = [...new Set([...whole.blobs, ...more])].filter((digest) => !isEmpty(digest) && !isManifest.has(digest));
    const levels = levelsOf(manifests, whole, read);
    const described = describeAll(whole, read);
    const content = (digest) => ({
        digest,
        ...described(digest),
        level: levels.get(digest) ?? 0,
        named: named.has(digest),
        gone: isManifest.has(digest) && read.missing.get(digest)?.is === 'missing',
    });
    const { holders } = whole;
    const goes = (digest) => !holders.held.has(digest);
    const heldBy = holders.of(new Set([...manifests, ...blobs].filter((digest) => !goes(digest))));
    const kept = [...heldBy].map(([digest, tags]) => ({
        digest,
        kind: isManifest.has(digest) ? 'manifest' : 'blob',
        ...described(digest),
        level: levels.get(digest) ?? 0,
        heldBy: tags,
    }));
    return {
        manifests: manifests
            .filter(goes)
            .map(content)
            .sort((one, other) => one.level - other.level || compare(one.digest, other.digest)),
        blobs: blobs
            .filter(goes)
            .map(content)
            .sort((one, other) => compare(one.digest, other.digest)),
        kept: kept.sort((one, other) => compare(one.digest, other.digest)),
    };
}
/** Names can form circles, unlike hashes: after so many turns the order among them does not matter. */
const TURNS = 200;
/**
 * The longest way down to a manifest: one that two parents share comes after both, and whatever is attached comes
 * before what it is attached to.
 */
function levelsOf(manifests, { subjects }, read) {
    const levels = new Map(manifests.map((digest) => [digest, 0]));
    let changed = true;
    for (let turn = 0; changed && turn < TURNS; turn++) {
        changed = false;
        for (const digest of manifests) {
            const below = (levels.get(digest) ?? 0) + 1;
            const children = read.manifests.get(digest)?.children ?? [];
            for (const next of [...children.map((child) => child.digest), ...(subjects.get(digest) ?? [])]) {
                if ((levels.get(next) ?? below) >= below)
                    continue;
                levels.set(next, below);
                changed = true;
            }
        }
    }
    return levels;
}
/** Two manifests can describe one blob differently: the same is said of it in whatever order they came. */
function merged(one, other) {
    if (one === undefined)
        return other;
    const [first, second] = compare(key(one), key(other)) <= 0 ? [one, other] : [other, one];
    const size = first.size ?? second.size;
    return { ...first, foreign: one.foreign || other.foreign, ...(size !== undefined && { size }) };
}
function key({ mediaType, size }) {
    return `${mediaType} ${size ?? ''}`;
}
/** Media type and size: of a manifest as it was read, else as a descriptor states them. */
function describeAll(whole, read) {
    const stated = new Map();
    for (const digest of whole.manifests) {
        const manifest = read.manifests.get(digest);
        for (const each of [...(manifest?.children ?? []), ...(manifest?.blobs ?? [])])
            for (const name of [each.digest, ...(read.twins.get(each.digest) ?? [])])
                stated.set(name, merged(stated.get(name), each));
    }
    return (digest) => {
        const { mediaType, size } = read.manifests.get(digest) ??
            stated.get(digest) ?? { mediaType: '', size: undefined };
        const foreign = stated.get(digest)?.foreign ?? false;
        return { mediaType, foreign, ...(size !== undefined && { size }) };
    };
}

;// CONCATENATED MODULE: ./src/plan/select.ts







/**
 * Splits what was named: what a remaining tag needs stays, and so does that of which only the label goes; the rest goes
 * with everything attached to it.
 */
function select_select(target, survey, { protectedTags, cleanup = false }) {
    const tags = namedTags(target, survey);
    const whollyGoing = tags.filter(({ onlyLabel }) => onlyLabel === undefined);
    const roots = new Set([...whollyGoing.map(({ root }) => root), ...target.digests]);
    const named = new Set([...roots, ...target.blobs]);
    const others = remainingTags(target, survey, protectedTags, cleanup);
    const leaving = labelsOf(tags);
    const whole = attach(roots, pointersOf(others), survey, named, guardedOf(others), new Set(), leaving);
    const attached = [...whole.tags].map(([tag, subjects]) => {
        const root = digestOf(survey, tag);
        const [belongsTo = root] = [...subjects].sort(compare);
        return { tag, digest: root, root, belongsTo };
    });
    const more = target.blobs.flatMap((digest) => [digest, ...(survey.twins.get(digest) ?? [])]);
    const { manifests, blobs, kept } = split(whole, more, survey, named);
    const labels = new Set(leaving.map(({ tag }) => tag));
    return {
        tags: [...tags, ...attached].sort((one, other) => compare(one.tag, other.tag)),
        manifests,
        blobs,
        kept: labels.size === 0 ? kept : kept.map((each) => ({ ...each, heldBy: staying(each.heldBy, labels) })),
        remaining: others.filter(({ tag }) => !whole.tags.has(tag)),
        image: new Set([...whole.manifests, ...whole.blobs, ...more]),
        named,
        reach: reach(roots, survey, false),
        whole,
        shared: whole.staying,
        holders: whole.holders,
    };
}
/** A label that goes is named as a holder only where no tag that stays is one. */
function staying(holders, labels) {
    const others = holders.filter((tag) => !labels.has(tag));
    return others.length > 0 ? others : holders;
}
/** @returns the tags that stay whatever they belong to */
function guardedOf(others) {
    return new Set(others.flatMap((each) => (each.protected || each.guarded === true ? [each.tag] : [])));
}
/**
 * @param cleanup whether tags stay that merely refer to what goes
 * @returns the tags that were not named: every listed one, and every protected name that resolves
 */
function remainingTags(target, facts, protectedTags, cleanup) {
    const named = new Set(target.tags.map(({ tag }) => tag));
    const listed = new Set(facts.listed);
    const remaining = [];
    for (const [tag, state] of facts.tags) {
        if (named.has(tag) || (state.is === 'unknown' && !listed.has(tag)))
            continue;
        remaining.push({
            tag,
            ...(state.is === 'resolved' && { digest: state.digest }),
            protected: protectedTags.some((glob) => guards(glob, tag)),
            ...(protectedTags.some(({ text }) => text === tag) && { namedPlainly: true }),
            ...(cleanup && subjectKey(tag) === undefined && { guarded: true }),
        });
    }
    return remaining.sort((one, other) => compare(one.tag, other.tag));
}
/** @returns the tags that stay and resolve, with their manifests. */
function pointersOf(remaining) {
    const pointers = new Map();
    for (const { tag, digest } of remaining)
        if (digest !== undefined)
            pointers.set(tag, digest);
    return pointers;
}
/**
 * @returns the tags that were named. One that neither resolves nor has a digest written beside it is left out here;
 * `refuse` says so
 */
function namedTags(target, survey) {
    return target.tags
        .flatMap(({ tag, digest: pinned, onlyLabel }) => {
        const state = survey.tags.get(tag);
        const how = onlyLabel === undefined ? {} : { onlyLabel };
        if (state?.is === 'resolved')
            return [{ tag, digest: state.digest, root: pinned ?? state.digest, ...how }];
        return pinned === undefined ? [] : [{ tag, root: pinned, ...how }];
    })
        .sort((one, other) => compare(one.tag, other.tag));
}
function digestOf({ tags }, tag) {
    const state = tags.get(tag);
    if (state?.is !== 'resolved')
        throw new Error(`${tag} is attached and does not resolve`);
    return state.digest;
}

;// CONCATENATED MODULE: ./src/plan/labels.ts






const ASKED = '`scope: tag` leaves its manifest';
/**
 * Decides for one repository where only labels go (`scope: tag`): the manifests under them, and everything else, stay.
 */
function planLabels({ target, survey }, rules) {
    const tags = namedTags(target, survey).map((each) => ({ ...each, onlyLabel: each.onlyLabel ?? ASKED }));
    const remaining = remainingTags(target, survey, rules.protectedTags, rules.cleanup ?? false);
    const pointers = pointersOf(remaining);
    for (const { tag, digest } of tags)
        if (digest !== undefined)
            pointers.set(tag, digest);
    const holders = new Holders(pointers, survey, new Set());
    const blind = unreadable(survey, remaining, holders, rules);
    const needed = tags.some(({ digest }) => digest !== undefined);
    const possible = needed ? untagging(target, survey, rules) : { refusals: [], warnings: [] };
    const way = survey.untagging?.is === 'possible' ? survey.untagging.way : undefined;
    return {
        repository: target.repository,
        scope: 'tag',
        tags,
        manifests: [],
        blobs: [],
        kept: [],
        remaining,
        ...(needed && way !== undefined && { way }),
        ignored: blind.ignored,
        image: new Set(),
        refusals: [...namedLabels(target, survey, 'tag'), ...blind.refusals, ...possible.refusals],
        warnings: [...dangling(remaining, survey), ...blind.warnings, ...possible.warnings],
    };
}

;// CONCATENATED MODULE: ./src/plan/decide.ts






/**
 * Decides, for every digest of what was named, whether it goes or stays and why, and refuses what must not be.
 * A pure function: the same facts give the same plan, in whatever order they came in.
 *
 * @param cases what was named or selected and what is there, a repository each
 * @param rules what the user decided
 * @param idle the tags of further repositories of the run, in which nothing was selected
 */
function plan(cases, rules, idle = []) {
    const repositories = cases.map((each) => planRepository(each, rules));
    // In a cleanup what is refused in one repository is not done there, so nobody approves it.
    const going = rules.cleanup === true ? repositories.filter((each) => each.refusals.length === 0) : repositories;
    const print = fingerprint(rules, going);
    const unmatched = rules.protectedTags.filter((glob) => !repositories.some(({ remaining }) => remaining.some(({ tag }) => guards(glob, tag))) &&
        !idle.some((tags) => tags.some((tag) => guards(glob, tag))));
    const refusals = tooMany(going, rules);
    const warnings = [];
    for (const { text } of unmatched) {
        const sentence = `protected-tags: ${text} matches no tag that stays in any repository of this run`;
        if (rules.approved === undefined)
            refusals.push(`${sentence}. Correct or remove the entry`);
        else
            warnings.push(sentence);
    }
    if (rules.approved !== undefined && rules.approved !== print)
        refusals.push(`approve: the plan's fingerprint is ${print}, and ${rules.approved} was approved. What was approved is no longer what would be deleted: read the plan above and approve it anew`);
    return { repositories, fingerprint: print, refusals, warnings };
}
/** Tags that belong to an image by their name do not count: they go with it. */
function tooMany(going, { maxDeletions }) {
    const tags = going.flatMap(({ tags }) => tags.filter(({ tag }) => subjectKey(tag) === undefined));
    if (maxDeletions === undefined || tags.length <= maxDeletions)
        return [];
    const most = [...going].sort((one, other) => other.tags.length - one.tags.length)[0];
    return [
        `max-deletions: the plan would delete ${tags.length} ${tags.length === 1 ? 'tag' : 'tags'} in ${going.length} ${going.length === 1 ? 'repository' : 'repositories'} (most of them in ${most?.repository ?? ''}), and ${maxDeletions} are allowed. Read the plan above; if it is right, raise \`max-deletions\` to ${tags.length}, or select less`,
    ];
}
/** Decides for one repository. */
function planRepository({ target, survey, selection }, rules) {
    const more = selection === undefined ? {} : { selection };
    if (rules.scope === 'tag')
        return { ...planLabels({ target, survey }, rules), ...more };
    const selected = select_select(target, survey, rules);
    const { tags, manifests, blobs, kept, remaining, image } = selected;
    const way = survey.untagging?.is === 'possible' ? survey.untagging.way : undefined;
    return {
        repository: target.repository,
        scope: 'image',
        tags,
        manifests,
        blobs,
        kept,
        remaining,
        image,
        ...(way !== undefined && { way }),
        ...more,
        ...refuse(target, survey, selected, rules),
    };
}

;// CONCATENATED MODULE: ./src/registry/progress.ts

/** Tells nobody. */
const unseen = { of: () => ({ done: () => { }, end: () => { } }) };
/** As `each`, and counted. */
async function counted(progress, what, list, width, work) {
    const counting = progress.of(what, list.length);
    try {
        return await each(list, width, async (entry, index) => {
            const result = await work(entry, index);
            counting.done();
            return result;
        });
    }
    finally {
        counting.end();
    }
}

;// CONCATENATED MODULE: ./src/report/matrix.ts

/** GitHub's limit for the jobs of a matrix. */
const ENTRIES = 256;
/**
 * @param plans those of a dry run in which something goes, in order
 * @returns a job matrix: a repository an entry, or several where there are more than a matrix can have. Each entry has
 *   the fingerprint that a run on just its repositories comes to
 */
function matrixOf(plans, rules) {
    const entries = Math.min(plans.length, ENTRIES);
    const include = Array.from({ length: entries }, (_, at) => {
        const own = plans.slice(Math.floor((at * plans.length) / entries), Math.floor(((at + 1) * plans.length) / entries));
        return {
            repositories: own.map(({ repository }) => repository).join('\n'),
            fingerprint: fingerprint(rules, own),
        };
    });
    return { include };
}

;// CONCATENATED MODULE: ./src/report/narrate.ts




const narrate_HOLDERS = 8;
const WAYS = {
    tag: "the registry's tag endpoint",
    gitlab: "GitLab's endpoint for tags",
    placeholder: 'a placeholder, since this registry cannot delete a tag by name',
};
/** Tells the log what a run does: one group a step, one summary line after each, outside it. */
class Narrator {
    #log;
    #several;
    /** Title of the step that goes on. */
    #open;
    /** Its group was ended so that what follows can be seen. */
    #ended = false;
    /** @param several more than one repository: then each title names its own */
    constructor(log, several) {
        this.#log = log;
        this.#several = several;
    }
    /** That there is more than one repository, a catalog may have told. */
    expect(repositories) {
        this.#several = repositories > 1;
    }
    /** Says how far a long step has come, where it is seen: in a group that is closed nobody sees it. */
    progress(line) {
        const title = this.#open;
        this.#endGroup();
        this.#log.info(title === undefined ? line : `${title}: ${line}`);
    }
    #endGroup() {
        if (this.#open !== undefined && !this.#ended)
            this.#log.end();
        this.#ended = true;
    }
    begin(repository, step) {
        this.close();
        this.#open = this.#several ? `${step} (${repository})` : step;
        this.#ended = false;
        this.#log.begin(this.#open);
    }
    intend() {
        // The report's file is told; the log says what came of it.
    }
    about() {
        // What came of it is told; a line before it as well would only double the log.
    }
    withdraw() {
        // What was not sent, the log never spoke of.
    }
    done(_repository, { item, outcome, via, detail }) {
        const words = {
            deleted: 'deleted',
            'already-gone': 'gone already',
            'with-manifest': 'goes with its manifest',
            kept: 'left',
            failed: 'NOT deleted',
            unknown: 'outcome unknown',
        };
        const more = [via === undefined || via === 'tag' ? '' : `by ${via}`, detail ?? ''].filter((each) => each !== '');
        this.#log.info(`${item.kind} ${item.name}: ${words[outcome]}${more.length > 0 ? ` (${more.join('; ')})` : ''}`);
    }
    release(_repository, { tags, manifests, blobs }) {
        for (const { tag, belongsTo } of tags)
            this.#log.info(`tag ${tag} belongs to ${belongsTo ?? 'the image'}, which goes now, so it goes, too`);
        for (const { digest } of [...manifests, ...blobs])
            this.#log.info(`${digest} is needed by no tag any more, so it goes, too`);
    }
    note(text) {
        this.#log.info(text);
    }
    /** Ends the group and says in one line what came of the step. */
    end(_repository, step, summary) {
        const title = this.#open ?? step;
        this.#endGroup();
        this.#open = undefined;
        this.#log.info(`${title}: ${summary}`);
    }
    /** Ends a group that an error left open: what follows must not hide in it. */
    close() {
        if (this.#open === undefined)
            return;
        this.#endGroup();
        this.#log.info(`${this.#open}: not finished, for the reason below`);
        this.#open = undefined;
    }
    /** Prints a repository's plan: every digest, and lines that a later run takes as they are. */
    plan(plan, fingerprint, asOf) {
        const { repository, tags, manifests, blobs, kept, remaining, refusals, warnings, selection } = plan;
        this.begin(repository, 'Plan');
        if (selection !== undefined)
            this.#table(planRows(plan, selection, asOf ?? 0));
        for (const { tag, digest, belongsTo, onlyLabel } of selection === undefined ? tags : []) {
            const why = belongsTo === undefined ? '' : `, since it belongs to ${belongsTo}`;
            const label = onlyLabel === undefined || plan.scope === 'tag' ? '' : ` as a label only, since ${onlyLabel}`;
            this.note(`tag ${tag} goes${digest === undefined ? ': it does not resolve any more' : ` (${digest})`}${why}${label}`);
        }
        const left = new Set(labelsOf(plan.tags).map(({ digest }) => digest));
        for (const digest of left)
            this.note(`manifest ${digest} stays, with all it needs: only labels go`);
        if (left.size > 0 && plan.way !== undefined)
            this.note(`the labels go by ${WAYS[plan.way]}`);
        for (const { digest, mediaType, size, gone } of manifests)
            this.note(`manifest ${digest} goes (${plainLine(mediaType) || 'type unknown'}, ${bytes(size)}${gone ? ', gone already' : ''})`);
        for (const { digest, size, foreign } of blobs)
            this.note(`blob ${digest} goes (${bytes(size)}${foreign ? ', lies elsewhere, too' : ''})`);
        for (const { digest, kind, heldBy } of kept)
            this.note(`${kind} ${digest} stays and will be STILL SERVED, since it is needed by ${some(heldBy, narrate_HOLDERS)}`);
        this.note(`${count(remaining.length, 'tag')} stay${remaining.length === 1 ? 's' : ''}: ${some(remaining.map(({ tag }) => tag), 20)}`);
        for (const warning of warnings)
            this.note(`warning: ${warning}`);
        if (asOf !== undefined)
            this.note(`age counts from ${time(asOf)}: an approved run takes it as \`as-of\``);
        this.note(`fingerprint ${fingerprint}`);
        for (const block of readyBlocks(plan))
            this.note(block);
        this.end(repository, 'Plan', refusals.length === 0 ? sumOf(plan) : `refused (${count(refusals.length, 'reason')})`);
    }
    /** Prints of a repository in which a cleanup selects nothing what matches and why it stays. */
    idle(repository, selection, asOf) {
        this.begin(repository, 'Plan');
        const rows = idleRows(repository, selection, asOf);
        if (rows.length > 0)
            this.#table(rows);
        this.end(repository, 'Plan', `nothing to do: ${rows.length === 0 ? 'no tag matches' : `${count(rows.length, 'matching tag')} stay${rows.length === 1 ? 's' : ''}`}`);
    }
    #table(rows) {
        for (const line of columns(rows))
            this.note(line);
    }
    /** What a plan refuses, outside every group. */
    refusals(plan) {
        this.close();
        for (const refusal of [...plan.refusals, ...plan.repositories.flatMap((each) => each.refusals)])
            this.#log.error(refusal);
    }
}
function sumOf({ scope, tags, manifests, blobs, kept, remaining }) {
    const stay = `${count(remaining.length, 'tag')} must still pull afterwards`;
    if (scope === 'tag')
        return `${count(tags.length, 'label')} and nothing else ${tags.length === 1 ? 'goes' : 'go'}, ${stay}`;
    const labels = tags.filter(({ onlyLabel }) => onlyLabel !== undefined).length;
    return `${count(tags.length, 'tag')}${labels === 0 ? '' : ` (${labels} of them as ${labels === 1 ? 'a label' : 'labels'} only)`}, ${count(manifests.length, 'manifest')} and ${count(blobs.length, 'blob')} go, ${kept.length} of the image's digests stay, ${stay}`;
}
/** A later run needs nothing else: a log is the record that survives a lost runner. */
function readyBlocks({ repository, tags, manifests, blobs }) {
    const labels = tags.filter(({ onlyLabel }) => onlyLabel !== undefined);
    const whole = tags.filter(({ onlyLabel }) => onlyLabel === undefined);
    const tagged = new Set(whole.map(({ root }) => root));
    const line = ({ tag, root }) => `${repository}:${tag}@${root}`;
    const images = [
        ...whole.map(line),
        ...manifests // A missing child was not named, and would be a root whose blobs are unknown.
            .filter(({ digest, gone, named }) => !tagged.has(digest) && (named || !gone))
            .map(({ digest }) => `${repository}@${digest}`),
    ];
    return [
        ...readyBlock('', images, blobs.map(({ digest }) => `${repository}@${digest}`)),
        ...readyBlock(', with `scope: tag`', labels.map(line), []),
    ];
}
function readyBlock(how, images, blobs) {
    if (images.length + blobs.length === 0)
        return [];
    const lines = [`To go on or to verify again, a later run takes these lines${how}:`];
    if (images.length > 0)
        lines.push('image: |', ...images.map((line) => `  ${line}`));
    if (blobs.length > 0)
        lines.push('blobs: |', ...blobs.map((line) => `  ${line}`));
    return [lines.join('\n')];
}

;// CONCATENATED MODULE: ./src/report/turns.ts
/**
 * Lets several works that go on at a time each have its say, one after the other in the order in which they took their
 * turn: groups do not nest.
 */
class Turns {
    #log;
    #waiting = [];
    constructor(log) {
        this.#log = log;
    }
    take() {
        const turn = { lines: [], done: false };
        this.#waiting.push(turn);
        const keep = (how) => (text) => void turn.lines.push([how, text ?? '']);
        return {
            log: {
                begin: keep('begin'),
                end: keep('end'),
                info: keep('info'),
                notice: keep('notice'),
                warning: keep('warning'),
                error: keep('error'),
                debug: keep('debug'),
            },
            done: () => {
                turn.done = true;
                this.#print();
            },
        };
    }
    #print() {
        for (let first = this.#waiting[0]; first?.done === true; first = this.#waiting[0]) {
            for (const [how, text] of first.lines)
                this.#log[how](text);
            this.#waiting.shift();
        }
    }
}

;// CONCATENATED MODULE: ./src/survey/json.ts
/** @returns the parsed body of a list, or undefined if it is no JSON */
function parseJson(body) {
    try {
        return JSON.parse(Buffer.from(body).toString('utf8'));
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./src/registry/link.ts
/** A target without angle brackets has to look like an address. */
const BARE = /^(?:https?:\/\/[^\s<>"']+|[^\s<>"':]*[/?][^\s<>"']*)$/i;
/** Where the parameters of such a target begin: a `;` may also be part of the address. */
const PARAMETERS = /;\s*(?=(?:rel|rev|title\*?|type|anchor|hreflang|media)\s*=)|;\s+|;$/i;
/** A comma that ends a link: the next one begins after it, or the header ends. */
const NEXT_LINK = /^,\s*(?=$|<|https?:\/\/|[/?]|,)/i;
/** Like `NEXT_LINK`, for a target without brackets, which may hold commas itself. */
const NEXT_BARE = /,(?:\s+|\s*(?=$|<|https?:\/\/))/i;
/**
 * Parses a Link header, also in forms that RFC 8288 does not allow but whose meaning is plain: a target without angle
 * brackets (Cloudflare's serverless-registry), a value without quotes (olareg) or in single quotes.
 *
 * @returns the links, or undefined if any part of the header is not understood
 */
function parseLinks(header) {
    const links = [];
    for (let rest = header.trim(); rest !== '';) {
        if (rest.startsWith(',')) {
            rest = rest.slice(1).trimStart();
            continue;
        }
        const target = rest.startsWith('<') ? bracketed(rest) : bare(rest);
        if (target === undefined)
            return undefined;
        const parameters = parseParameters(target.rest);
        if (parameters === undefined)
            return undefined;
        links.push({ target: target.text, rel: parameters.rel, others: parameters.others });
        rest = parameters.rest;
    }
    return links;
}
function bracketed(text) {
    const end = text.indexOf('>');
    const target = text.slice(1, end);
    if (end < 0 || target.includes('<'))
        return undefined;
    return { text: target.trim(), rest: text.slice(end + 1).trimStart() };
}
function bare(text) {
    const comma = text.search(NEXT_BARE);
    const parameter = text.search(PARAMETERS);
    const ends = [comma, parameter].filter((at) => at >= 0);
    const end = ends.length === 0 ? text.length : Math.min(...ends);
    const target = text.slice(0, end).trim();
    return BARE.test(target) ? { text: target, rest: text.slice(end) } : undefined;
}
const PARAMETER = /^;\s*(?:([\w!#$&+.^`|~-]+\*?)\s*(?:=\s*("[^"]*"|'[^']*'|[^\s"',;<>]*)\s*)?)?/;
/** @returns the parameters up to the next link, or undefined if they are not understood */
function parseParameters(text) {
    let rel;
    const others = [];
    let rest = text;
    while (rest.startsWith(';')) {
        const [whole = '', name = '', value = ''] = PARAMETER.exec(rest) ?? [];
        rest = rest.slice(whole.length);
        if (name.toLowerCase() !== 'rel') {
            if (name !== '')
                others.push(name.toLowerCase());
            continue;
        }
        const relations = value
            .replace(/^["']|["']$/g, '')
            .toLowerCase()
            .split(/\s+/)
            .filter((each) => each !== '');
        // RFC 8288, 3.3: a second `rel` is ignored. If it says that there is more, the header contradicts itself.
        if (rel !== undefined && relations.includes('next') && !rel.includes('next'))
            return undefined;
        rel ??= relations;
    }
    if (rest === '')
        return { rel, others, rest };
    const end = NEXT_LINK.exec(rest);
    return end === null ? undefined : { rel, others, rest: rest.slice(end[0].length) };
}

;// CONCATENATED MODULE: ./src/registry/page.ts

/** Characters: no registry needs as many, and a relative link could grow with each page. */
const page_LONGEST = 8 << 10;
/** Relations of IANA's list that plainly lead to something other than the next page. */
const NOT_NEXT = new Set(`about alternate appendix author bookmark canonical chapter collection contents copyright current describedby
  describes dns-prefetch edit edit-media enclosure first glossary help hub icon index item last latest-version license
  manifest modulepreload nofollow noopener noreferrer payment pingback preconnect prefetch preload prev previous
  privacy-policy profile related search section self service service-desc service-doc service-meta start stylesheet tag
  terms-of-service top type up version-history via`.split(/\s+/));
/**
 * Reads the `next` target of a Link header (RFC 8288) in every form whose meaning is plain. A header with nothing but
 * other relations means that there is no next page; a single link without any relation means the next page.
 *
 * @param header the header's value; Node joins several headers by commas
 * @param from the URL of the page that carried it
 * @returns the URL of the next page, undefined if there is none, or a sentence that says why it is not followed: the
 *   header is not understood and may mean more, or the link leads to another origin, which would carry the listing, and
 *   trust in it, away
 */
function nextPage(header, from) {
    if (header === undefined || header.trim() === '')
        return undefined;
    const links = parseLinks(header);
    if (links === undefined)
        return 'its Link header is not understood, and may lead to more';
    const next = nextOf(links, from);
    if (next === undefined || typeof next === 'string')
        return next;
    let url;
    try {
        url = new URL(next.target, from);
    }
    catch {
        return 'the link to the next page is no URL';
    }
    if (url.href.length > page_LONGEST)
        return 'the link to the next page is too long';
    if (lacksPort(next.target, url, from))
        url.port = from.port;
    if (url.origin !== from.origin)
        return 'the link to the next page leads to another origin';
    url.username = '';
    url.password = '';
    url.hash = '';
    return url;
}
/** @returns the link to the next page, undefined if there is plainly none, or why that cannot be told */
function nextOf(links, from) {
    const [next, ...more] = links.filter(({ rel }) => rel?.includes('next') === true);
    if (next !== undefined) {
        if (more.some(({ target }) => target !== next.target))
            return 'it has several links to a next page';
        if (next.others.includes('anchor'))
            return 'its link to a next page belongs to something else';
        return next;
    }
    const [only] = links;
    if (links.length === 1 && only !== undefined && only.rel === undefined && only.others.length === 0)
        return only;
    const plain = links.every(({ rel }) => rel !== undefined && rel.length > 0 && rel.every((each) => NOT_NEXT.has(each)));
    if (!plain)
        return 'its Link header has a relation that is not known, and may lead to more';
    const last = links.find(({ rel }) => rel?.includes('last') === true);
    const elsewhere = last !== undefined &&
        (!URL.canParse(last.target, from.href) || new URL(last.target, from).href !== from.href);
    return elsewhere ? 'it names a last page that is another one, and no next page' : undefined;
}
/**
 * Cloudflare's serverless-registry leaves its port out of the links of its catalog. The same host, path and scheme with
 * no port at all can only mean the registry, and what is followed is the registry's own origin anyway.
 */
function lacksPort(target, url, from) {
    return (from.port !== '' &&
        url.protocol === from.protocol &&
        url.hostname === from.hostname &&
        url.pathname === from.pathname &&
        /^https?:\/\/(?:\[[^\]]*\]|[^/?#:@]*)(?:[/?#]|$)/i.test(target));
}

;// CONCATENATED MODULE: ./src/registry/continuation.ts

/** Properties of a list, and headers, by which registries and proxies say that there is more. */
const MORE_PROPERTY = /^(?:next\w*|continu\w*|\w*cursor|has(?:more|next\w*|additional)|more|\w*truncated|incomplete)$/;
const MORE_HEADER = /(?:^|-)(?:next|continuation|has-?more|more)(?:-|$)/;
/** Properties and headers in which a list says how many names it has in all. */
const TOTAL_PROPERTY = /^(?:total|totalcount|totalitems|totalresults|totalelements|count|numfound)$/;
const TOTAL_HEADER = /^(?:x-)?(?:total|total-count|total-items|total-results|pagination-total(?:-count)?)$/;
/** A property that says that this page is not the last. */
const LAST_PROPERTY = /^(?:is)?last(?:page)?$/;
/** Objects in which such properties stand. */
const WRAPPER = /^_?(?:links|meta|metadata|paging|pagination|page|pageinfo)$/;
/**
 * Tells how a list goes on after a page: by its Link header. A list that plainly says in another way that there is more
 * (`next`, `has_more`, `truncated` in the body, a header such as `X-Next-Page`) and has no link is not whole.
 *
 * @param response the page
 * @param body its parsed body
 * @param from the page's URL
 * @param named how many names this page and those before it have
 * @returns the next page, undefined at the end, or why the list cannot be followed, words that follow its name
 */
function continuationOf(response, body, from, named) {
    const next = nextPage(response.headers.get('link'), from);
    if (next !== undefined)
        return next;
    const property = moreIn(body, named, true);
    if (property !== undefined)
        return `it says that there is more (${property}), and not where`;
    for (const name of response.headers.keys())
        if (MORE_HEADER.test(name) && !isNothing(response.headers.get(name)?.trim()))
            return `it says that there is more (${name.slice(0, 40)}), and not where`;
    return sumsUp(response, named);
}
/** @returns why the headers say that the list has more names than came */
function sumsUp({ headers }, named) {
    for (const name of headers.keys()) {
        const value = headers.get(name)?.trim() ?? '';
        const total = TOTAL_HEADER.test(name)
            ? value
            : name === 'content-range'
                ? /\/(\d+)$/.exec(value)?.[1]
                : undefined;
        const pages = name === 'x-total-pages' && Number(value) > 1;
        const paging = name === 'x-pagination' && moreIn(continuation_parsed(value), named, true) !== undefined;
        if (pages || paging || (total !== undefined && Number(total) > named))
            return `it says that there is more (${name.slice(0, 40)}), and not where`;
    }
    return undefined;
}
function continuation_parsed(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
/** @returns the property that says that there is more. Its name is the registry's word, so it is matched, never free text. */
function moreIn(body, named, deeper) {
    if (Array.isArray(body))
        return body.some(isNextLink) ? 'links' : undefined;
    if (typeof body !== 'object' || body === null)
        return undefined;
    for (const [name, value] of Object.entries(body)) {
        const plain = name.toLowerCase().replace(/[^a-z]/g, '');
        if (TOTAL_PROPERTY.test(plain) && Number(value) > named)
            return plain;
        if (LAST_PROPERTY.test(plain) && value === false)
            return plain;
        if (MORE_PROPERTY.test(plain) && plain.length <= 40 && !isNothing(value))
            return plain;
        const inside = deeper && WRAPPER.test(plain) ? moreIn(value, named, false) : undefined;
        if (inside !== undefined)
            return inside;
    }
    return undefined;
}
/** `{"rel": "next", …}`, as some write links into the body. */
function isNextLink(each) {
    const rel = each?.rel;
    return typeof rel === 'string' && rel.toLowerCase().split(/\s+/).includes('next');
}
function isNothing(value) {
    if (value === undefined || value === null || value === false || value === 0)
        return true;
    if (typeof value === 'string')
        return ['', '0', 'false', 'null', 'none'].includes(value.trim().toLowerCase());
    return typeof value === 'object' && Object.keys(value).length === 0;
}

;// CONCATENATED MODULE: ./src/survey/trail.ts

/** Follows a paged list from one page to the next, and never round in a circle. */
class Trail {
    #seen;
    #at;
    /** @param first the URL of the first page */
    constructor(first) {
        this.#at = first;
        this.#seen = new Set([first.href]);
    }
    /**
     * @param response the newest page
     * @param body its parsed body
     * @param grew whether it named anything that no earlier page had named
     * @param named how many names this page and those before it have
     * @returns the next page, undefined at the end, or why the list cannot be followed, words that follow its name
     */
    next(response, body, grew, named) {
        const next = continuationOf(response, body, this.#at, named);
        if (next === undefined)
            return undefined;
        if (typeof next === 'string')
            return `is not followed: ${next}`;
        if (this.#seen.has(next.href))
            return 'links in a circle';
        if (!grew)
            return 'goes on without naming anything new';
        this.#seen.add(next.href);
        this.#at = next;
        return next;
    }
}

;// CONCATENATED MODULE: ./src/survey/catalog.ts





/** A catalog that cannot be worked with; the message says what was wrong. */
class CatalogError extends Error {
    name = 'CatalogError';
}
const PAGES = 10_000;
const catalog_REPOSITORIES = 1_000_000;
/**
 * Reads the catalog to its last page, by Link only. Names that no repository can have are passed over: nothing could be
 * asked of them. A catalog that comes out of a cache is asked for once more, with a query that no cache knows.
 *
 * @returns the repositories, each once, in the registry's order
 * @throws CatalogError where there is none, no permission, or nothing but a cached one; WireError
 */
async function listRepositories(client) {
    const first = await listOnce(client);
    if (!('cache' in first))
        return first;
    const second = await listOnce(client, client.newCacheBuster());
    if (!('cache' in second))
        return second;
    throw new CatalogError(`the catalog of ${client.origin} comes out of a cache (${second.cache}), also when it is asked for past caches. Switch off caching of /v2/ in front of the registry, or name the repositories one by one`);
}
async function listOnce(client, cacheBuster) {
    const found = new Set();
    const named = new Set();
    const trail = new Trail(new URL('/v2/_catalog', client.origin));
    let page;
    for (let pages = 0; pages < PAGES; pages++) {
        const response = await client.catalogPage(page, cacheBuster === undefined ? {} : { cacheBuster });
        const cache = cacheOf(response);
        if (cache !== undefined)
            return { cache };
        const body = response.status === 200 && !response.cut ? parseJson(response.body) : undefined;
        const names = namesIn(body);
        if (names === undefined)
            throw new CatalogError(`the catalog of ${client.origin}, which a glob needs, was answered with ${describe(response)}. Name the repositories one by one, or use an account that may read the catalog`);
        const before = named.size;
        for (const name of names) {
            named.add(name);
            const repository = typeof name === 'string' ? parseRepository(name) : undefined;
            if (repository !== undefined)
                found.add(repository);
        }
        if (named.size > catalog_REPOSITORIES)
            throw new CatalogError(`the catalog names more than ${catalog_REPOSITORIES} repositories`);
        const next = trail.next(response, body, named.size > before, named.size);
        if (next === undefined)
            return [...found];
        if (typeof next === 'string')
            throw new CatalogError(`the catalog ${next}`);
        page = next;
    }
    throw new CatalogError(`the catalog has more than ${PAGES} pages`);
}
function namesIn(body) {
    const names = body?.repositories;
    if (names === null)
        return [];
    return Array.isArray(names) ? names : undefined;
}

;// CONCATENATED MODULE: ./src/survey/repositories.ts


/**
 * Writes out globs of repositories, for which the catalog is read once. That a name exists, its tag list will tell.
 *
 * @throws WireError only when the run is to stop
 */
async function resolveRepositories(entries, client) {
    const named = new Set(entries.flatMap((entry) => ('name' in entry ? [entry.name] : [])));
    const globs = entries.flatMap((entry) => ('glob' in entry ? [entry.glob] : []));
    const catalog = globs.length === 0 ? [] : await catalogOf(client);
    if (typeof catalog === 'string')
        return { repositories: [], named, problems: [`repositories: ${catalog}`] };
    const problems = globs
        .filter((glob) => !catalog.some((name) => glob.matches(name)))
        .map(({ text }) => `repositories: ${text} matches none of the ${catalog.length} repositories in the catalog of ${client.origin}. Correct or remove the entry`);
    const matching = catalog.filter((name) => globs.some((glob) => glob.matches(name)));
    return { repositories: [...new Set([...named, ...matching])].sort(), named, problems };
}
async function catalogOf(client) {
    try {
        return await listRepositories(client);
    }
    catch (error) {
        if (error instanceof WireError && error.failure === 'cancelled')
            throw error;
        if (error instanceof CatalogError || error instanceof WireError)
            return error.message;
        throw error;
    }
}

;// CONCATENATED MODULE: ./src/proof/replicas.ts
/** The least share of stale responses that a replica which was seen to differ is taken to give. */
const LEAST_SHARE = 1 / 8;
/** With fewer responses than these a share is no measure. */
const FEW = 8;
/** How likely a replica that is stale so often may escape all rounds. */
const RISK = 0.001;
/**
 * @param stale responses that still served something that other responses, or later ones, said was gone
 * @param all responses for the same digests
 * @returns how many rounds in a row a replica that is stale as often as that, or one time in eight, escapes with less
 *   than one chance in a thousand: 52 at the most
 */
function roundsAgainst(stale, all) {
    const share = Math.max(stale / Math.max(all, 1), LEAST_SHARE);
    return share >= 1 ? 1 : Math.ceil(Math.log(RISK) / Math.log(1 - share));
}
/**
 * What a run saw of replicas that differ. A connection of its own does not reach a replica of its own: behind a random
 * balancer one stale replica of three escapes five rounds in one run of seven.
 */
class Replicas {
    #all = 0;
    #stale = 0;
    #rounds = 1;
    #least = 1;
    /** Clean rounds in a row that a proof needs at the least, by what was known when something stale was last seen. */
    get rounds() {
        return Math.max(this.#rounds, this.#least);
    }
    /**
     * Takes in a round. The share is that of all digests: of those alone that were seen stale it would look larger than it
     * is, and the rounds would be too few.
     *
     * @param counts whether it is a sign that an item was still served: not if it was not deleted there before
     */
    take({ answers }, counts) {
        const before = this.#stale;
        for (const [item, { all, present }] of answers) {
            this.#all += all;
            if (present > 0 && counts(item))
                this.#stale += present;
        }
        if (this.#stale > before)
            this.#rounds = Math.max(2, roundsAgainst(this.#stale, Math.max(FEW, this.#all)));
    }
    /** Takes in that what was read a moment before was answered as unknown, and that nothing of this run explains it. */
    differed() {
        this.#least = roundsAgainst(1, 2);
    }
}

;// CONCATENATED MODULE: ./src/flow/prove.ts
/**
 * Proves repositories that were purged, and of which what stays was read. Some registries bring a digest back where it is
 * read in another repository: so what one repository reads or deletes again undoes the proof of every other one that
 * shares a digest with it, and the two last questions come when all is proven.
 *
 * @throws Stopped
 */
async function proveAll(all) {
    const waiting = [...all];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift() ?? firstOpen(all)) {
        const proving = next;
        const disturbed = await proving.prove();
        if (!disturbed)
            continue;
        for (const other of all)
            if (other !== proving && touches(proving, other))
                other.restart();
    }
    const proven = all.filter((each) => each.proven);
    for (const each of proven)
        await each.askAsManifests();
    const back = [];
    for (const each of proven) {
        const digests = await each.askByRange();
        back.push(() => each.deleteOnceMore(digests));
    }
    for (const deleteAgain of back)
        await deleteAgain();
}
function firstOpen(all) {
    return all.find((each) => each.open);
}
/** Whether what one repository purges is anywhere in the other one, be it purged there or read as what stays. */
function touches(other, { work }) {
    const purged = new Set([...work.plan.manifests, ...work.plan.blobs].map(({ digest }) => digest));
    const { plan, facts } = other.work;
    for (const digest of plan.image)
        if (purged.has(digest))
            return true;
    for (const { digest, blobs } of facts.manifests.values())
        if (purged.has(digest) || blobs.some((blob) => purged.has(blob.digest)))
            return true;
    return false;
}

;// CONCATENATED MODULE: ./src/purge/intend.ts
/** Tells the recorder that a step may remove these tags, as far as they resolve. */
function intendTags({ plan, tools }, tags) {
    const present = tags.filter(({ digest }) => digest !== undefined);
    tools.recorder.intend(plan.repository, present.map(({ tag }) => ({ item: { kind: 'tag', name: tag } })));
}

;// CONCATENATED MODULE: ./src/survey/tags.ts





/** A list that cannot be worked with; the message says what was wrong. */
class ListError extends Error {
    name = 'ListError';
}
/** The registry does not know the repository. */
class UnknownRepository extends ListError {
    name = 'UnknownRepository';
}
/** A list that does not say what the registry holds now, also when it is asked past caches. */
class StaleList extends ListError {
    name = 'StaleList';
    /** @param sign what shows it, words that follow the list's name */
    constructor(repository, sign) {
        super(`the tag list of ${repository} ${sign}, also when it is asked for past caches. Switch off caching of /v2/ in front of the registry, and run again`);
    }
}
const tags_PAGES = 10_000;
const tags_TAGS = 1_000_000;
const RESTARTS = 3;
/**
 * Lists a repository's tags, to the last page. Goes on by Link only: a page may be shorter than asked for, and 2.8
 * ignores `n`. A later page that answers 404 (its `last` tag was deleted meanwhile) begins the list anew. A list that
 * comes out of a cache is asked for once more, with a query that no cache knows.
 *
 * @param pastCaches whether to send such a query at once
 * @returns the tags, each once, in the registry's order
 * @throws UnknownRepository on 404, StaleList if it still comes out of a cache, ListError on anything that is not a list,
 *   WireError
 */
async function listTags(client, repository, pastCaches = false) {
    if (!pastCaches) {
        const tags = await listAgain(client, repository);
        if (!('cache' in tags))
            return tags;
    }
    const tags = await listAgain(client, repository, client.newCacheBuster());
    if ('cache' in tags)
        throw new StaleList(repository, `comes out of a cache (${tags.cache})`);
    return tags;
}
async function listAgain(client, repository, cacheBuster) {
    for (let run = 1;; run++) {
        const tags = await tags_listOnce(client, repository, cacheBuster);
        if (tags !== undefined)
            return tags;
        if (run === RESTARTS)
            throw new ListError(`the tag list of ${repository} broke off ${RESTARTS} times`);
    }
}
async function tags_listOnce(client, repository, cacheBuster) {
    const tags = new Set();
    const trail = new Trail(new URL(`/v2/${repository}/tags/list`, client.origin));
    const reading = { purpose: 'list-tags', ...(cacheBuster !== undefined && { cacheBuster }) };
    let page;
    for (let pages = 0; pages < tags_PAGES; pages++) {
        const response = await client.tagPage(repository, page, reading);
        const cache = cacheOf(response);
        if (cache !== undefined)
            return { cache };
        if (page !== undefined && response.status === 404)
            return undefined;
        if (page === undefined && isAbsentRepository(response))
            throw new UnknownRepository(`${client.origin} has no repository ${repository}: ${describe(response)}. Check the name; if everything in it was pushed by digest alone, push any tag that may stay, and run again`);
        if (isDenied(response))
            throw new ListError(denied(client, repository, response));
        if (response.status !== 200 || response.cut)
            throw new ListError(`the tag list of ${repository} was answered with ${describe(response)}${hint(client, response)}`);
        const before = tags.size;
        const body = parseJson(response.body);
        for (const tag of tags_tagsOf(repository, body))
            tags.add(tag);
        if (tags.size > tags_TAGS)
            throw new ListError(`${repository} lists more than ${tags_TAGS} tags`);
        const next = trail.next(response, body, tags.size > before, tags.size);
        if (next === undefined)
            return [...tags];
        if (typeof next === 'string')
            throw new ListError(`the tag list of ${repository} ${next}`);
        page = next;
    }
    throw new ListError(`the tag list of ${repository} has more than ${tags_PAGES} pages`);
}
/** @returns whether the registry does not know the repository. Harbor says NOT_FOUND, in the same form. */
function isAbsentRepository(response) {
    return isUnknown(response) || (response.status === 404 && hasCode(response, 'NOT_FOUND'));
}
/** @returns the tags that a page lists, or undefined where it is no tag list. */
function tagsOnPage(body) {
    return tagsIn(parseJson(body));
}
/** @returns what a list may name as tags, or undefined if it is no tag list */
function tagsIn(body) {
    const tags = body?.tags;
    // Distribution sends null for a repository whose last tag was deleted.
    if (tags === null)
        return [];
    return Array.isArray(tags) ? tags : undefined;
}
/** @returns the tags that a parsed page lists @throws ListError if it is no tag list */
function tags_tagsOf(repository, body) {
    const tags = tagsIn(body);
    if (tags === undefined)
        throw new ListError(`the tag list of ${repository} is not the JSON that it must be`);
    return tags.map((each) => {
        const tag = parseTag(each);
        if (tag === undefined)
            throw new ListError(`the tag list of ${repository} holds what is no tag`);
        return tag;
    });
}
/** The first answer of a registry tells whether it takes the credentials, so the way out is named here. */
function denied(client, repository, response) {
    const said = describe(response);
    const from = client.credentialsFrom;
    if (response.status === 403)
        return `No permission to list the tags of ${repository} (${said}). The user needs the actions \`pull\` and \`delete\` on it`;
    if (from === undefined)
        return `${client.origin} asks for credentials to list the tags of ${repository} (${said}). Give them in \`username\` and \`password\`, or log in with docker/login-action in an earlier step`;
    return `${client.origin} refuses the credentials from ${from} for the list of tags of ${repository} (${said}). Correct them, or give the user the actions \`pull\` and \`delete\` on it`;
}
/** Go's and nginx's words for plain http on a port that speaks TLS. */
function hint(client, response) {
    const text = Buffer.from(response.body.subarray(0, 1000)).toString('utf8');
    return response.status === 400 && /HTTP request (?:to an HTTPS server|was sent to HTTPS port)/.test(text)
        ? `. It speaks https: write \`registry: ${client.origin.replace(/^http:/, 'https:')}\``
        : '';
}

;// CONCATENATED MODULE: ./src/purge/looking.ts


/** A look that fails is a reason not to go on, and no crash. @returns what was seen, or why nothing was */
async function looking(look) {
    try {
        return await look();
    }
    catch (error) {
        if (error instanceof ListError)
            return error.message;
        return sayWhy(error);
    }
}
/** Sees to it that the newest look is at most `age` milliseconds old. @returns why that failed @throws Stopped */
async function lookingWithin(work, age) {
    try {
        await work.lookedWithin(age);
        return undefined;
    }
    catch (error) {
        if (error instanceof ListError)
            return error.message;
        return sayWhy(error);
    }
}
/** Waits for an answer. @returns it, or why none came @throws Stopped, and defects */
async function asked(answer) {
    try {
        return await answer;
    }
    catch (error) {
        return sayWhy(error);
    }
}
function sayWhy(error) {
    if (!(error instanceof WireError))
        throw error;
    if (error.failure === 'cancelled')
        throw new Stopped();
    return error.message;
}

;// CONCATENATED MODULE: ./src/oci/schema1.ts

/** Docker wrote one. More would only cost memory. */
const SIGNATURES = 8;
/**
 * Reads a schema 1 manifest. A signed one carries its signatures inside; its digest is that of the text without them,
 * which `protected` tells how to put together again: so many bytes of the body, and a tail.
 *
 * The signature itself is not checked: nothing is trusted because of it, the digest alone counts.
 *
 * @param body the bytes as received
 * @returns what it holds, or undefined where it is not well-formed
 */
function parseSchema1(body) {
    const json = parse(body);
    if (json?.['schemaVersion'] !== 1)
        return undefined;
    const layers = layersOf(json);
    if (layers === undefined)
        return undefined;
    const { signatures } = json;
    if (signatures === undefined)
        return { payload: body, layers };
    if (!Array.isArray(signatures) || signatures.length > SIGNATURES)
        return undefined;
    const [first, ...others] = signatures.map((each) => payloadOf(body, each));
    if (first === undefined || !others.every((each) => each !== undefined && first.equals(each)))
        return undefined;
    // What is hashed must say the same as what was read.
    const signed = layersOf(parse(first) ?? {});
    const same = signed?.length === layers.length && signed.every((layer, at) => layer === layers[at]);
    return same ? { payload: first, layers } : undefined;
}
function layersOf({ fsLayers }) {
    if (!Array.isArray(fsLayers))
        return undefined;
    const layers = fsLayers.map((each) => parseDigest(each?.blobSum));
    return layers.every((each) => each !== undefined) ? layers : undefined;
}
function payloadOf(body, signature) {
    const written = signature?.protected;
    if (typeof written !== 'string')
        return undefined;
    const { formatLength, formatTail } = parse(Buffer.from(written, 'base64url')) ?? {};
    if (typeof formatLength !== 'number' || typeof formatTail !== 'string')
        return undefined;
    if (!Number.isInteger(formatLength) || formatLength < 0 || formatLength > body.length)
        return undefined;
    return Buffer.concat([body.subarray(0, formatLength), Buffer.from(formatTail, 'base64url')]);
}
function parse(bytes) {
    try {
        const value = JSON.parse(Buffer.from(bytes).toString('utf8'));
        return typeof value === 'object' && value !== null && !Array.isArray(value)
            ? value
            : undefined;
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./src/oci/manifest.ts



/**
 * Reads a manifest that has been received whole.
 *
 * What is no JSON object, or is not what its media type says, or whose own `mediaType` contradicts the header, is not
 * used at all: a page of a login portal comes with 200 as well, and two readers could take an ambiguous body for two
 * different images (CVE-2021-41190). Only a media type that nobody here knows makes the kind `unknown`.
 *
 * @param body the bytes as received; their sha256 is the digest unless `named` says otherwise
 * @param contentType the Content-Type header
 * @param named the digest under which it was asked for, already compared with the bytes
 * @returns the manifest, or why it cannot be used
 */
function parseManifest(body, contentType, named) {
    const text = Buffer.from(body).toString('utf8');
    const json = manifest_parseJson(text);
    if (json === undefined)
        return { unusable: 'it is no JSON object, so it is no manifest' };
    const twice = disguised(json);
    if (twice !== undefined)
        return {
            unusable: `its key ${JSON.stringify(twice)} is one of a manifest's but for its case, and clients read that differently`,
        };
    const header = essence(contentType);
    const own = typeof json['mediaType'] === 'string' ? json['mediaType'].toLowerCase() : '';
    if (kindOf(header) === 'schema1' || kindOf(own) === 'schema1' || json['schemaVersion'] === 1)
        return schema1(body, header, named);
    const digest = named ?? sha256(body);
    if (own !== '' && !isGeneric(header) && kindOf(own) !== kindOf(header))
        return { unusable: 'its Content-Type header and its own mediaType contradict each other' };
    const mediaType = own !== '' ? own : header;
    const kind = isGeneric(mediaType) ? kindByShape(json) : kindOf(mediaType);
    const base = { digest, mediaType, size: body.length };
    if (kind === 'unknown' && !isGeneric(mediaType)) {
        const written = digestsWrittenIn(unescaped(text)).filter((each) => each !== digest);
        const subject = descriptor(json['subject'])?.digest;
        return { ...base, kind, children: [], blobs: [], written, ...(subject !== undefined && { subject }) };
    }
    const parts = partsOf(json, kind);
    if (parts === undefined)
        return { unusable: 'it is not a well-formed manifest of its media type' };
    const subject = descriptor(json['subject'])?.digest;
    return { ...base, ...parts, ...(subject !== undefined && { subject }) };
}
/** Only for tags that stay: nobody pushes it any more, but the layers of old images count as needed. */
function schema1(body, mediaType, named) {
    const parsed = parseSchema1(body);
    if (parsed === undefined)
        return { unusable: 'it is a schema 1 manifest that is not well-formed' };
    const digest = named ?? sha256(parsed.payload);
    const blobs = once(parsed.layers.map((layer) => ({ digest: layer, mediaType: '', foreign: false })));
    return { digest, mediaType, size: body.length, kind: 'schema1', children: [], blobs, written: [] };
}
/**
 * @param body the bytes of a manifest as received
 * @returns the bytes of which its digest is taken: those of a signed schema 1 manifest go without its signatures.
 * Undefined where they cannot be told, since it is not well-formed
 */
function hashedBytes(body) {
    // Nothing else has signatures in itself, so nothing else is taken apart.
    if (!Buffer.from(body).includes('"signatures"'))
        return body;
    const json = manifest_parseJson(Buffer.from(body).toString('utf8'));
    return json?.['schemaVersion'] === 1 ? parseSchema1(body)?.payload : body;
}
function partsOf(json, kind) {
    if (kind === 'index')
        return indexParts(json);
    if (kind === 'image')
        return imageParts(json);
    return kind === 'artifact' ? artifactParts(json) : undefined;
}
function indexParts(json) {
    if (has(json, 'config') || has(json, 'layers') || has(json, 'blobs') || has(json, 'fsLayers'))
        return undefined;
    const entries = descriptors(json['manifests']);
    if (entries === undefined)
        return undefined;
    return {
        kind: 'index',
        children: once(entries.filter(isManifest)),
        blobs: once(entries.filter((entry) => kindOf(entry.mediaType) === 'blob')),
        written: once(entries.filter((entry) => kindOf(entry.mediaType) === 'unknown' && !isManifest(entry))).map(({ digest }) => digest),
    };
}
/** Whether an index entry is a manifest: by a type that is known as one, that says so, or that says nothing. */
function isManifest({ mediaType }) {
    const kind = kindOf(mediaType);
    if (kind === 'unknown')
        return mediaType === '' || mediaType === 'application/json' || /manifest|index/.test(mediaType);
    return kind !== 'blob';
}
function imageParts(json) {
    if (has(json, 'manifests') || has(json, 'blobs') || has(json, 'fsLayers'))
        return undefined;
    const config = descriptor(json['config']);
    const layers = descriptors(json['layers']);
    if (config === undefined || layers === undefined)
        return undefined;
    return { kind: 'image', children: [], config, blobs: once([config, ...layers]), written: [] };
}
function artifactParts(json) {
    if (has(json, 'manifests') || has(json, 'layers') || has(json, 'config'))
        return undefined;
    const blobs = json['blobs'] === undefined ? [] : descriptors(json['blobs']);
    return blobs === undefined ? undefined : { kind: 'artifact', children: [], blobs: once(blobs), written: [] };
}
function kindByShape(json) {
    if (has(json, 'manifests'))
        return 'index';
    return has(json, 'config') && has(json, 'layers') ? 'image' : 'unknown';
}
/** One entry that cannot be read makes the whole list unreadable: what it names would not be counted. */
function descriptors(value) {
    // Go writes an empty list that was never made as null.
    if (value === null)
        return [];
    if (!Array.isArray(value))
        return undefined;
    const all = value.map(descriptor);
    return all.every((each) => each !== undefined) ? all : undefined;
}
function descriptor(value) {
    if (typeof value !== 'object' || value === null)
        return undefined;
    const { digest: written, mediaType, size, urls } = value;
    const digest = parseDigest(written);
    if (digest === undefined)
        return undefined;
    return {
        digest,
        mediaType: typeof mediaType === 'string' ? mediaType.toLowerCase() : '',
        foreign: Array.isArray(urls) && urls.length > 0,
        ...(typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 && { size }),
    };
}
function once(list) {
    return [...new Map(list.map((each) => [each.digest, each])).values()];
}
/** What counts in a manifest and in its descriptors. */
const KEYS = [
    'schemaVersion',
    'mediaType',
    'config',
    'layers',
    'manifests',
    'blobs',
    'subject',
    'fsLayers',
    'blobSum',
    'digest',
    'signatures',
];
const BY_LOWER_CASE = new Map(KEYS.map((key) => [key.toLowerCase(), key]));
/** Go folds these two as well. */
const folded = (key) => key.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase();
/** Go's readers take `Layers` for `layers`, and the later one of both: such a body is two different images. */
function disguised(json) {
    const wrong = (object) => typeof object === 'object' && object !== null
        ? Object.keys(object).find((key) => (BY_LOWER_CASE.get(folded(key)) ?? key) !== key)
        : undefined;
    const lists = [json['layers'], json['manifests'], json['blobs'], json['fsLayers']];
    const descriptors = [json, json['config'], json['subject']];
    for (const list of lists)
        if (Array.isArray(list))
            descriptors.push(...list);
    for (const each of descriptors) {
        const found = wrong(each);
        if (found !== undefined)
            return found;
    }
    return undefined;
}
function has(json, key) {
    return json[key] !== undefined && json[key] !== null;
}
function manifest_parseJson(text) {
    try {
        const value = JSON.parse(text);
        return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
    }
    catch {
        return undefined;
    }
}
/** JSON may write any sign of a digest as an escape. */
function unescaped(text) {
    return text.replace(/\\u00([0-7][0-9a-fA-F])/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

;// CONCATENATED MODULE: ./src/purge/dummy.ts


const NOTE = 'org.opencontainers.image.description';
const WORDS = 'Placeholder of registry-purge: it takes the place of a label for a moment, to be deleted with it';
const CHANCE = 'registry-purge.chance';
/** @returns an index of no manifests: nothing has to be uploaded for it, so nothing is left behind. */
function emptyIndex(random) {
    const chance = random.hex(32);
    const annotations = { [NOTE]: WORDS, [CHANCE]: chance };
    return dummy({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], annotations }, OCI_INDEX, chance, []);
}
/**
 * For registries that refuse an index of nothing.
 *
 * Not the well-known `{}` as config: that is never deleted, so it would be left behind where it was not there before.
 *
 * @returns an image of a config and a layer that hold nothing but chance
 */
function emptyImage(random) {
    const chance = random.hex(32);
    const config = blob(JSON.stringify({ architecture: '', os: '', rootfs: { type: 'layers', diff_ids: [] }, chance }));
    const layer = blob(chance);
    const manifest = {
        schemaVersion: 2,
        mediaType: OCI_MANIFEST,
        config: dummy_descriptor('application/vnd.oci.image.config.v1+json', config),
        layers: [dummy_descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
        annotations: { [NOTE]: WORDS, [CHANCE]: chance },
    };
    return dummy(manifest, OCI_MANIFEST, chance, [config, layer]);
}
function blob(text) {
    return { digest: sha256(text), body: Buffer.from(text) };
}
function dummy_descriptor(mediaType, { digest, body }) {
    return { mediaType, digest, size: body.length };
}
function dummy(manifest, mediaType, chance, blobs) {
    const body = Buffer.from(JSON.stringify(manifest));
    return { mediaType, body, digest: sha256(body), chance, blobs };
}

;// CONCATENATED MODULE: ./src/purge/placeholder.ts








const TRIES = 6;
const PAUSE = 250;
const placeholder_LONGEST_PAUSE = 60_000;
/**
 * Removes labels where no registry's endpoint does (2.x): puts a manifest that holds nothing on them, and deletes that
 * manifest by its digest, which takes the tags on it along and touches nothing else.
 *
 * Each tag is looked at immediately before, so that only a label which still stands on the expected manifest is taken.
 * Whatever is answered to a PUT, the placeholder is deleted afterwards; if that fails, every tag that is still on it is
 * put back as it was.
 *
 * @param tags that resolve
 * @returns what was not removed, in sentences
 * @throws Stopped when the run is to stop: what was begun is brought to an end first, as far as time allows
 */
async function placeholder(work, tags) {
    const { client, random, recorder } = work.tools;
    const problems = [];
    const sent = [];
    const earlier = new Map(tags.map(({ tag }) => [tag, work.done.get(tag)]));
    let dummy = emptyIndex(random);
    work.placeholders.add(dummy.digest);
    intend(work, tags, dummy);
    recorder.note(`This registry cannot delete a tag by name: a placeholder (${dummy.digest}) is put on the tag, and deleted by its digest`);
    try {
        for (const planned of tags) {
            if (client.stop.aborted || work.denied)
                break;
            let put = await placeholder_place(work, planned, dummy, sent);
            if (put.is === 'invalid' && dummy.blobs.length === 0 && sent.length === 0) {
                dummy = emptyImage(random);
                work.placeholders.add(dummy.digest);
                recorder.note(`The registry refuses an empty index (${put.why}): an image without content is used, ${dummy.digest}`);
                intend(work, tags, dummy);
                const failed = await upload(work, dummy);
                if (client.stop.aborted)
                    break;
                put = failed === undefined ? await placeholder_place(work, planned, dummy, sent) : { is: 'failed', why: failed };
            }
            if (put.is !== 'sent')
                problems.push(...settlePut(work, planned.tag, put));
        }
        problems.push(...(sent.length > 0 ? await takeAway(work, sent, dummy) : await cleanUp(work, dummy)));
    }
    catch (error) {
        for (const before of sent)
            if (work.done.get(before.tag) === earlier.get(before.tag))
                recordUnknown(work, before, dummy);
        throw error;
    }
    if (client.stop.aborted)
        throw new Stopped();
    return problems;
}
/**
 * Puts the placeholder on one tag, if that still points where it should. Whether it worked is seen by a look at the tag,
 * whatever was answered.
 *
 * @param sent takes in the tag as soon as the placeholder may be on it
 */
async function placeholder_place(work, { tag, digest: expected }, dummy, sent) {
    const { client, clock, recorder } = work.tools;
    const { repository } = work.plan;
    for (let tried = 1;; tried++) {
        await clock.sleep(client.heldFor, client.stop);
        const now = await pointing(work, tag, dummy);
        if (now.is === 'nothing')
            return { is: 'gone' };
        if (now.is === 'unclear')
            return { is: 'failed', why: now.why };
        if (now.digest !== expected)
            return { is: 'moved', why: pushed(now.digest) };
        const before = { ...now, tag, seen: false, why: '' };
        recorder.about(repository, { kind: 'tag', name: tag });
        sent.push(before);
        const answer = await asked(client.putManifest(repository, tag, dummy.mediaType, dummy.body));
        const after = await pointing(work, tag, dummy);
        const why = typeof answer === 'string' ? answer : describe(answer);
        const status = typeof answer === 'string' ? undefined : answer.status;
        before.why = why;
        before.seen = after.is === 'manifest' && after.ours;
        const same = after.is === 'manifest' && after.digest === expected;
        const refused = status !== undefined && status >= 400 && status < 500 && ![408, 429].includes(status);
        if (refused && same) {
            // Neither the answer nor the tag says that anything was done.
            sent.pop();
            if (typeof answer !== 'string' && isDenied(answer))
                return { is: 'denied', why };
            return { is: [400, 415, 422].includes(status) ? 'invalid' : 'failed', why };
        }
        work.wrote = true;
        // A tag that still shows its manifest after a success is shown by a replica that lags behind.
        const accepted = status !== undefined && status < 300;
        if (!same || accepted || tried === TRIES || client.stop.aborted)
            return { is: 'sent' };
        await clock.sleep(pauseAfter(answer, tried, clock.now()), client.stop);
        sent.pop();
        // A registry that asks for patience has done nothing.
        if (status === 429 || client.heldFor > 0)
            tried--;
    }
}
/** Deletes the placeholder and its blobs, which drops the tags on it and no other, or puts the tags back. */
async function takeAway(work, sent, dummy) {
    const failed = [];
    for (const digest of work.placeholders) {
        const why = await deletePlaceholder(work, digest, sent);
        if (why !== undefined)
            failed.push(`the placeholder ${digest} could not be deleted (${why})`);
    }
    // As long as the blobs of a placeholder are there, the entries of its tags name them.
    const left = failed.length === 0 ? await cleanUp(work, dummy) : [];
    const problems = [];
    for (const before of sent)
        problems.push(...(await settleSent(work, before, dummy, failed.join('; '))));
    if (problems.length === 0)
        problems.push(...failed.map((each) => `${each}; it holds nothing`));
    return [...problems, ...(failed.length === 0 ? left : await cleanUp(work, dummy))];
}
/** @param sent tags that may be on it @returns why it is still there, or undefined */
async function deletePlaceholder(work, digest, sent) {
    const { client, clock } = work.tools;
    let why = '';
    for (let tried = 1; tried <= TRIES; tried++) {
        const deleting = { purpose: 'delete-placeholder', timeout: work.timeout };
        const answer = await asked(client.deleteManifest(work.plan.repository, digest, deleting));
        why = typeof answer === 'string' ? answer : describe(answer);
        const status = typeof answer === 'string' ? undefined : answer.status;
        if (status !== undefined && status >= 200 && status < 300)
            return undefined;
        if (typeof answer !== 'string' && isUnknown(answer))
            return undefined;
        const refused = status !== undefined && status >= 400 && status < 500;
        // A DELETE with an unknown outcome is looked up before it is sent again (safety rule 12).
        if (!refused && (await isAway(work, digest))) {
            for (const { tag } of sent)
                work.explained.add(tag);
            return undefined;
        }
        if (refused && status !== 429)
            return why;
        const pause = pauseAfter(answer, tried, clock.now());
        if (status === 429 && !client.stop.aborted)
            tried--;
        await clock.sleep(pause, client.stop);
    }
    return why;
}
/** @param failed why the placeholder is still there, or nothing */
async function settleSent(work, before, dummy, failed) {
    const item = { kind: 'tag', name: before.tag };
    const name = `tag ${work.plan.repository}:${before.tag}`;
    if (failed === '' && before.seen) {
        work.record({ item, outcome: 'deleted', via: 'placeholder' });
        return [];
    }
    const now = await pointing(work, before.tag, dummy);
    if (failed === '' && now.is === 'nothing') {
        work.record({ item, outcome: 'deleted', via: 'placeholder' });
        return [];
    }
    if (now.is === 'manifest' && !now.ours && now.digest !== before.digest) {
        work.record({ item, outcome: 'kept', via: 'placeholder', detail: pushed(now.digest) });
        return [`${name} was left: ${pushed(now.digest)}`];
    }
    if (now.is === 'manifest' && now.digest === before.digest) {
        const detail = failed === '' ? before.why : `${failed}; the tag points at ${before.digest} as before`;
        work.record({ item, outcome: 'failed', via: 'placeholder', detail });
        return [`${name} was not removed: ${detail}`];
    }
    const back = await putBack(work, before, dummy);
    if (back === undefined) {
        const detail = `${failed === '' ? before.why : failed}; the tag was put back and points at ${before.digest} as before`;
        work.record({ item, outcome: 'failed', via: 'placeholder', detail });
        return [`${name} was not removed: ${detail}`];
    }
    recordUnknown(work, before, dummy);
    return [
        `${name} may point at the placeholder ${dummy.digest}, which holds nothing, and could not be put back (${back}). Before, it pointed at ${before.digest}: tag that again, or run again with the tag alone, without a digest, to remove the label`,
    ];
}
/** Puts a tag back as it was, if it still points at the placeholder. @returns why that failed, or undefined */
async function putBack(work, before, dummy) {
    const { client, clock } = work.tools;
    const { repository } = work.plan;
    let why = '';
    for (let tried = 1; tried <= TRIES; tried++) {
        let pause = PAUSE * 2 ** tried;
        const now = await pointing(work, before.tag, dummy);
        if (now.is === 'manifest' && now.digest === before.digest)
            return undefined;
        if (now.is === 'manifest' && !now.ours)
            return pushed(now.digest);
        why = now.is === 'unclear' ? now.why : 'it does not resolve';
        if (now.is === 'manifest') {
            const answer = await asked(client.putManifest(repository, before.tag, before.mediaType, before.body));
            why = typeof answer === 'string' ? answer : describe(answer);
            pause = pauseAfter(answer, tried, clock.now());
            if (typeof answer !== 'string' && answer.status === 429 && !client.stop.aborted)
                tried--;
        }
        await clock.sleep(pause, client.stop);
    }
    const last = await pointing(work, before.tag, dummy);
    return last.is === 'manifest' && last.digest === before.digest ? undefined : why;
}
function recordUnknown(work, { tag, digest }, dummy) {
    work.record({
        item: { kind: 'tag', name: tag },
        outcome: 'unknown',
        via: 'placeholder',
        detail: onPlaceholder(dummy, digest),
    });
}
/** Tells the recorder that these tags may be put on a placeholder. */
function intend({ plan, tools }, tags, dummy) {
    tools.recorder.intend(plan.repository, tags.map(({ tag, digest }) => ({
        item: { kind: 'tag', name: tag },
        placeholder: onPlaceholder(dummy, digest),
    })));
}
/** @returns what a report says of a tag that may point to a placeholder. @param before what it pointed to */
function onPlaceholder({ digest, blobs }, before) {
    const parts = blobs.map((blob) => blob.digest).join(' and ');
    const named = parts === '' ? digest : `${digest} (of the blobs ${parts})`;
    return `it may point at the placeholder ${named}, which holds nothing; before it pointed at ${before ?? 'nothing'}`;
}
/** Removes what was uploaded for the placeholder. Nobody else has these bytes. */
async function cleanUp(work, { blobs }) {
    const { client } = work.tools;
    const { repository } = work.plan;
    const problems = [];
    for (const { digest } of blobs) {
        const deleting = { purpose: 'delete-placeholder', timeout: work.timeout };
        const answer = await asked(client.deleteBlob(repository, digest, deleting));
        if (typeof answer !== 'string' && (answer.status < 300 || isUnknown(answer)))
            continue;
        const again = await asked(client.deleteBlob(repository, digest, deleting));
        if (typeof again !== 'string' && (again.status < 300 || isUnknown(again)))
            continue;
        const why = typeof again === 'string' ? again : describe(again);
        problems.push(`${repository}@${digest}, a part of the placeholder that holds nothing, was not removed again: ${why}`);
    }
    return problems;
}
/** @returns why the blobs of a placeholder could not be put there, or undefined */
async function upload(work, { blobs }) {
    const deletion = await work.tools.capabilities.blobDeletion(work.plan.repository);
    if (deletion.is !== 'on')
        return `the registry refuses an empty index, and would keep the blobs of an image without content: it answered the probe with ${deletion.why}`;
    for (const { digest, body } of blobs) {
        work.tools.recorder.about(work.plan.repository);
        work.wrote = true;
        const answer = await asked(work.tools.client.uploadBlob(work.plan.repository, digest, body));
        if (typeof answer === 'string')
            return answer;
        if (answer.status !== 201)
            return `the upload of ${digest} was answered with ${describe(answer)}`;
    }
    return undefined;
}
function settlePut(work, tag, put) {
    const item = { kind: 'tag', name: tag };
    const name = `tag ${work.plan.repository}:${tag}`;
    if (!('why' in put)) {
        work.record({ item, outcome: 'already-gone' });
        return [];
    }
    if (put.is === 'denied')
        work.denied = true;
    work.record({
        item,
        outcome: put.is === 'moved' ? 'kept' : 'failed',
        via: 'placeholder',
        detail: put.why,
    });
    if (put.is === 'moved')
        return [`${name} was left: ${put.why}`];
    if (put.is === 'denied')
        return [
            `${name} was not removed: no permission to push a placeholder, the only way on this registry (${put.why}). The user needs the actions \`push\` and \`delete\` on ${work.plan.repository}`,
        ];
    return [`${name} was not removed: ${put.why}`];
}
function pushed(digest) {
    return `it points at ${digest} now, which somebody else pushed`;
}
async function pointing(work, tag, { chance }) {
    const reading = { purpose: 'look-up', fresh: true, finish: true };
    const response = await asked(work.tools.client.manifest(work.plan.repository, tag, reading));
    if (typeof response === 'string')
        return { is: 'unclear', why: response };
    const cache = cacheOf(response);
    if (cache !== undefined)
        return { is: 'unclear', why: `the response comes out of a cache (${cache})` };
    if (isGone(response))
        return { is: 'nothing' };
    if (response.status !== 200 || response.cut)
        return { is: 'unclear', why: describe(response) };
    const digest = sha256(hashedBytes(response.body) ?? response.body);
    const ours = Buffer.from(response.body).includes(chance);
    // A registry may store other bytes than it was sent; that they are ours, chance tells.
    if (ours)
        work.placeholders.add(digest);
    const mediaType = response.headers.get('content-type') ?? work.facts.manifests.get(digest)?.mediaType ?? OCI_MANIFEST;
    return { is: 'manifest', digest, mediaType, body: response.body, ours };
}
async function isAway(work, digest) {
    const reading = { purpose: 'look-up', fresh: true, finish: true };
    const response = await asked(work.tools.client.manifest(work.plan.repository, digest, reading));
    return typeof response !== 'string' && isGone(response);
}
/** Milliseconds to wait after a response that settles nothing. @param tried how often the request was sent */
function pauseAfter(answer, tried, now) {
    const after = typeof answer === 'string' ? undefined : retryAfter(answer.headers.get('retry-after'), now);
    return Math.min(after ?? PAUSE * 2 ** tried, placeholder_LONGEST_PAUSE);
}

;// CONCATENATED MODULE: ./src/registry/absence.ts


/**
 * @returns how the response says that something is not there; undefined if it says anything else. A 404 of the storage
 *   to which the registry redirects is not one: the registry still knows the content
 */
function absenceOf(response) {
    if (!isGone(response) || response.redirected)
        return undefined;
    const type = essence(response.headers.get('content-type'));
    return { status: response.status, type, code: errorEntries(response.body)[0]?.code ?? '' };
}
/**
 * A gateway in front of a registry has a 404 page of its own, for requests that never reach the registry. What the
 * registry itself says, it says of every digest alike: so a 404 is its own if a digest that never existed gets the same
 * status, media type and error code. Bodies differ, since they repeat the digest.
 */
function sameAbsence(one, other) {
    return one.status === other.status && one.type === other.type && one.code === other.code;
}
/** @returns such as `404 application/json BLOB_UNKNOWN`; every part is bounded */
function describeAbsence({ status, type, code }) {
    return [String(status), type.slice(0, 60) || 'without a media type', code]
        .filter((part) => part !== '')
        .join(' ');
}

;// CONCATENATED MODULE: ./src/purge/absent.ts



/**
 * A gateway may answer 404 in the registry's place, to a GET and to a DELETE alike. So a 404 counts only if a random
 * digest, which never existed, is answered in the same way.
 *
 * @param response to a GET of a digest
 * @returns whether it is the registry itself that says that the digest is not there
 * @throws Stopped
 */
async function saysAbsent(work, kind, response) {
    const { client, random } = work.tools;
    const how = absenceOf(response);
    if (how === undefined || cacheOf(response) !== undefined)
        return false;
    const never = `sha256:${random.hex(32)}`;
    const reading = { purpose: 'look-up', fresh: true };
    const other = await asked(kind === 'manifest'
        ? client.manifest(work.plan.repository, never, reading)
        : client.blob(work.plan.repository, never, reading));
    const its = typeof other === 'string' ? undefined : absenceOf(other);
    return its !== undefined && sameAbsence(how, its);
}

;// CONCATENATED MODULE: ./src/purge/remove.ts




const remove_TRIES = 6;
const remove_PAUSE = 250;
/** Milliseconds that pass between a look and a DELETE anyway: after them, a look is no longer of just now. */
const remove_SOON = 1_000;
const remove_LONGEST_PAUSE = 60_000;
/**
 * Removes one item. A DELETE whose outcome is unknown (reset, time-out, 5xx) is looked up before it is sent again, and so
 * is one that had to wait, since a tag may have been pushed meanwhile (safety rule 12). Every pause comes before the
 * look, and the DELETE right after it. A registry that asks for patience has changed nothing, and gets it, for as long
 * as the run may last.
 *
 * @throws Stopped when the run is to stop and nothing is in flight any more
 */
async function remove(work, item) {
    const { clock, client, recorder } = work.tools;
    let throttled = 0;
    /** What an earlier DELETE of this item was answered with that does not say what became of it. */
    let unknown;
    /** It was seen before its DELETE: only then does a 404 after one say that it was deleted. */
    let seen = item.kind === 'tag' || work.facts.manifests.has(item.name);
    for (let tried = 1;;) {
        await waitForPatience(work);
        if (unknown !== undefined || work.waitedAt > work.lookedAt) {
            // Nothing is sent without knowing.
            let found = await lookUp(work, item);
            while (found.is === 'unclear' && ++tried <= remove_TRIES) {
                await clock.sleep(remove_PAUSE * 2 ** tried, client.stop);
                found = await lookUp(work, item);
            }
            if (found.is === 'needed')
                return { is: 'needed', detail: found.why };
            if (found.is === 'foreign')
                return {
                    is: 'unknown',
                    detail: `${unknown ?? 'it waited'}; the 404 after it does not come from the registry itself, so something in front of it may answer in its place`,
                };
            if (found.is === 'unclear')
                return { is: 'unknown', detail: unknown ?? 'it could not be looked at' };
            if (found.is === 'gone')
                return unknown === undefined
                    ? { is: 'already-gone' }
                    : seen
                        ? { is: 'deleted', detail: `the DELETE was answered with ${unknown}, and it is gone` }
                        : {
                            is: 'already-gone',
                            detail: `the DELETE was answered with ${unknown}; it is not there, and nothing shows that it was before`,
                        };
            seen = true;
            if (unknown !== undefined && tried > remove_TRIES)
                return { is: 'failed', detail: unknown };
        }
        else if (clock.now() - (item.kind === 'tag' ? work.lookedAt : work.newestLook) >= remove_SOON) {
            const found = await lookAtNew(work, item);
            if (found.is === 'needed')
                return { is: 'needed', detail: found.why };
            if (found.is === 'gone')
                return { is: 'already-gone' };
            if (found.is === 'unclear') {
                if (++tried > remove_TRIES)
                    return { is: 'failed', detail: 'it could not be looked at before its DELETE' };
                await clock.sleep(remove_PAUSE * 2 ** tried, client.stop);
                continue;
            }
        }
        const forbidden = work.forbids(item);
        if (forbidden !== undefined)
            return { is: 'needed', detail: forbidden };
        recorder.about(work.plan.repository, item);
        if (item.kind !== 'tag')
            work.touched.add(item.name);
        const answer = await sendDelete(work, item, false).catch((error) => {
            if (error instanceof WireError)
                return error;
            throw error;
        });
        const pause = patience(work, answer, throttled);
        if (pause !== undefined) {
            throttled++;
            await clock.sleep(pause, client.stop);
            if (clock.now() - work.lookedAt >= remove_SOON)
                work.waitedAt = clock.now();
            continue;
        }
        if (!(answer instanceof WireError)) {
            const removal = remove_judge(answer, item);
            if (removal !== undefined) {
                if (removal.is === 'already-gone' && item.kind !== 'tag' && work.confirmed.has(item.name))
                    work.differed = true;
                return removal;
            }
        }
        else if (answer.failure === 'cancelled') {
            work.record({ item, outcome: 'unknown', detail: 'in flight when the run was stopped' });
            throw new Stopped();
        }
        work.wrote = true;
        unknown = answer instanceof WireError ? answer.message : describe(answer);
        tried++;
        await clock.sleep(remove_PAUSE * 2 ** (tried - 1), client.stop);
        work.waitedAt = clock.now();
    }
}
/** The host may be held back by what another request was answered with. @throws Stopped */
async function waitForPatience(work) {
    const { clock, client } = work.tools;
    for (let held = client.heldFor; held > 0 && !client.stop.aborted; held = client.heldFor) {
        await clock.sleep(held, client.stop);
        if (clock.now() - work.lookedAt >= remove_SOON)
            work.waitedAt = clock.now();
    }
    if (client.stop.aborted)
        throw new Stopped();
}
/** @returns milliseconds to wait where the registry asks for that, or undefined. @param before how often it did so already */
function patience({ tools }, answer, before) {
    const { client, clock } = tools;
    if (answer instanceof WireError)
        return answer.failure === 'held' ? Math.max(remove_SOON, client.heldFor) : undefined;
    if (answer.status !== 429)
        return undefined;
    const asked = retryAfter(answer.headers.get('retry-after'), clock.now());
    return Math.min(remove_LONGEST_PAUSE, asked ?? remove_PAUSE * 2 ** Math.min(before + 1, 16));
}
/** Sends one DELETE. @param fresh on a connection of its own, so that another replica may take it */
function sendDelete(work, item, fresh) {
    const { client } = work.tools;
    const { repository } = work.plan;
    const { timeout } = work;
    if (item.kind === 'tag' && work.plan.way === 'gitlab')
        return client.deleteTagReference(repository, item.name, { purpose: 'delete-tag', timeout, fresh });
    if (item.kind === 'tag')
        return client.deleteManifest(repository, item.name, { purpose: 'delete-tag', timeout, fresh });
    if (item.kind === 'manifest')
        return client.deleteManifest(repository, item.name, { purpose: 'delete-manifest', timeout, fresh });
    return client.deleteBlob(repository, item.name, { purpose: 'delete-blob', timeout, fresh });
}
/** Judges by status and code, since 405 alone has four meanings. @returns undefined where only a look tells */
function remove_judge(response, item) {
    const { status } = response;
    const detail = describe(response);
    if (status >= 200 && status < 300)
        return errorEntries(response.body).length > 0 ? { is: 'deleted', detail } : { is: 'deleted' };
    if (isUnknown(response))
        return { is: 'already-gone' };
    if (status === 401)
        return { is: 'denied', detail };
    if (item.kind === 'tag' && isUnsupportedForTags(response))
        return { is: 'unsupported', detail };
    if (status === 405 && !hasCode(response, 'DENIED'))
        return { is: 'unsupported', detail };
    // Still referenced or still tagged: 405 DENIED (zot), 409 (GitLab), 412 (Harbor), 400 or 403 (others).
    if ([400, 405, 409, 412].includes(status) || isDenied(response))
        return { is: 'refused', detail };
    return undefined;
}
/**
 * Looks for what came since the newest look, where that is not of just now: hundreds of deletes take a while. A tag is
 * asked for itself; for content the list tells.
 */
async function lookAtNew(work, item) {
    try {
        if (item.kind === 'tag')
            return tagNow(work, item.name, await work.tools.surveyor.tag(item.name));
        await work.lookedWithin(remove_SOON);
        return { is: 'there' };
    }
    catch (error) {
        if (error instanceof ListError)
            return { is: 'unclear' };
        if (!(error instanceof WireError))
            throw error;
        if (error.failure === 'cancelled')
            throw new Stopped();
        return { is: 'unclear' };
    }
}
/** Finds out what an unknown outcome was, and whether the item may still be deleted. */
async function lookUp(work, item) {
    const { client, surveyor } = work.tools;
    const { repository } = work.plan;
    const reading = { purpose: 'look-up', fresh: true };
    try {
        if (item.kind === 'tag')
            return tagNow(work, item.name, await surveyor.tag(item.name));
        const response = item.kind === 'manifest'
            ? await client.manifest(repository, item.name, reading)
            : await client.blob(repository, item.name, reading);
        if (isGone(response))
            return { is: (await saysAbsent(work, item.kind, response)) ? 'gone' : 'foreign' };
        if (response.status !== 200)
            return { is: 'unclear' };
        await work.lookedSince(work.waitedAt);
        const why = work.forbids(item);
        return why === undefined ? { is: 'there' } : { is: 'needed', why };
    }
    catch (error) {
        if (error instanceof ListError)
            return { is: 'unclear' };
        if (error instanceof WireError && error.failure !== 'cancelled')
            return { is: 'unclear' };
        if (error instanceof WireError)
            throw new Stopped();
        throw error;
    }
}
function tagNow(work, tag, state) {
    if (state.is === 'unknown')
        return { is: 'gone' };
    if (state.is !== 'resolved')
        return { is: 'unclear' };
    const planned = work.plan.tags.find((each) => each.tag === tag);
    if (planned?.digest === state.digest)
        return { is: 'there' };
    return { is: 'needed', why: `it points at ${state.digest} now, which somebody else pushed` };
}

;// CONCATENATED MODULE: ./src/purge/retention.ts









const retention_TRIES = 4;
/**
 * Keeps manifests that lose their last tag. Gitea's kind of registry stores a manifest only as the version that a tag
 * or a push by digest has made, so DELETE of its last tag drops it, and breaks an index that lists it. Before such a
 * label is deleted, the manifest is therefore pushed again by its own digest, with the bytes that the registry serves.
 * Other registries have these bytes already, so nothing changes there.
 */
class Retention {
    #work;
    #results = new Map();
    /** Why manifests could not be pushed by their digests. */
    #refused = new Map();
    /** What tags that stay point to, by these facts. */
    #tagged;
    /** Why no manifest of this repository can be pushed. */
    #denied;
    constructor(work) {
        this.#work = work;
    }
    /**
     * Sees to it that the manifest of a label outlives that label. Sends no request if a tag that stays points to it, or
     * if the manifest was seen to before.
     *
     * @returns whether the label may be deleted
     * @throws Stopped
     */
    async keep({ tag, digest }) {
        if (digest === undefined || !this.losesLastTag(digest))
            return { is: 'free' };
        const result = this.#results.get(digest) ?? this.#keep(tag, digest);
        this.#results.set(digest, result);
        return result;
    }
    /** Whether only tags that this run deletes point to a manifest. */
    losesLastTag(digest) {
        const { facts } = this.#work;
        if (this.#tagged?.facts !== facts)
            this.#tagged = { facts, digests: new Set(this.#stayingTags().values()) };
        return !this.#tagged.digests.has(digest);
    }
    /** Why a manifest could not be pushed by its digest; undefined if it was, or if there was no need. */
    whyNot(digest) {
        return this.#refused.get(digest);
    }
    async #keep(tag, digest) {
        const { repository } = this.#work.plan;
        const pushed = this.#denied === undefined ? await this.#push(tag, digest) : { is: 'refused', why: this.#denied };
        if (pushed.is === 'pushed')
            return { is: 'free' };
        if (pushed.is === 'absent')
            return {
                is: 'bound',
                why: `its manifest ${digest} could not be read by digest (${pushed.why}), so whether it would outlive its last tag is not known. Run again`,
            };
        this.#refused.set(digest, pushed.why);
        const holders = this.#holders(digest);
        if (holders.length === 0)
            return { is: 'free' };
        return {
            is: 'bound',
            why: `its manifest ${digest} is needed by ${holders.join(', ')}, and some registries delete a manifest with its last tag. Pushing it by its digest, which would keep it, failed (${pushed.why}). Allow the user to push to ${repository} and run again`,
        };
    }
    /** Pushes a manifest by its digest, each time right after it was read by that digest. @throws Stopped */
    async #push(tag, digest) {
        const { client, clock, recorder } = this.#work.tools;
        const { repository } = this.#work.plan;
        for (let tried = 1;; tried++) {
            await clock.sleep(client.heldFor, client.stop);
            if (client.stop.aborted)
                throw new Stopped();
            const stored = await asked(client.manifest(repository, digest, { purpose: 'look-up' }));
            if (typeof stored === 'string')
                return { is: 'absent', why: stored };
            const flaw = flawOf(stored, digest);
            if (flaw !== undefined)
                return { is: 'absent', why: flaw };
            recorder.about(repository, { kind: 'tag', name: tag });
            const mediaType = stored.headers.get('content-type') ??
                this.#work.facts.manifests.get(digest)?.mediaType ??
                OCI_MANIFEST;
            const answer = await this.#put(digest, mediaType, stored.body);
            const status = typeof answer === 'string' ? undefined : answer.status;
            const refused = status !== undefined && status >= 400 && status < 500 && ![408, 429].includes(status);
            if (!refused)
                this.#work.wrote = true;
            const why = typeof answer === 'string' ? answer : describe(answer);
            if (typeof answer !== 'string' && isStored(answer, digest)) {
                recorder.note(`${digest} was pushed again by its digest: it loses its last tag, and stays`);
                return { is: 'pushed' };
            }
            if (typeof answer !== 'string' && (isDenied(answer) || status === 405))
                this.#denied = why;
            const held = status === 429 || client.heldFor > 0;
            if (refused || (status !== undefined && status < 400) || (tried === retention_TRIES && !held))
                return { is: 'refused', why };
            await clock.sleep(pauseAfter(answer, tried, clock.now()), client.stop);
            // A registry that asks for patience has done nothing.
            if (held)
                tried--;
        }
    }
    async #put(digest, mediaType, body) {
        const { client } = this.#work.tools;
        try {
            return await asked(client.putByDigest(this.#work.plan.repository, digest, mediaType, body));
        }
        catch (error) {
            this.#work.wrote = true;
            throw error;
        }
    }
    /** The tags that stay, and the labels, whose manifests need this one. */
    #holders(digest) {
        const { plan, facts } = this.#work;
        // A listed tag that is unknown for a moment still needs what it needed.
        const pointers = new Map([...pointersOf(plan.remaining), ...this.#stayingTags()]);
        const labels = labelsOf(plan.tags).filter((label) => label.digest !== digest);
        return new Holders(pointers, facts, new Set(), labels).of(new Set([digest])).get(digest) ?? [];
    }
    #stayingTags() {
        const { plan, facts } = this.#work;
        const going = new Set(plan.tags.map(({ tag }) => tag));
        const staying = new Map();
        for (const [tag, state] of facts.tags)
            if (state.is === 'resolved' && !going.has(tag))
                staying.set(tag, state.digest);
        return staying;
    }
}
/** Why a response is not the manifest with this digest, or undefined. */
function flawOf(response, digest) {
    const cache = cacheOf(response);
    if (cache !== undefined)
        return `it comes out of a cache (${cache})`;
    if (response.status !== 200 || response.cut)
        return describe(response);
    return matches(digest, hashedBytes(response.body) ?? response.body) ? undefined : 'it came with other bytes';
}
/** Whether the registry says that it has stored the manifest under this digest. A login page comes with 200. */
function isStored({ status, headers }, digest) {
    const stated = headers.get('docker-content-digest')?.trim();
    return (status === 201 || status === 202) && (stated === undefined || stated === '' || stated === digest);
}

;// CONCATENATED MODULE: ./src/purge/settle.ts
/** Records a removal that is final. @returns a problem in a sentence, or nothing */
function settle(work, item, removal) {
    const detail = removal.detail === undefined ? {} : { detail: removal.detail };
    const via = item.kind === 'tag' ? { via: work.plan.way ?? 'tag' } : {};
    if (removal.is === 'deleted' || removal.is === 'already-gone') {
        work.record({ item, outcome: removal.is, ...via, ...detail });
        return [];
    }
    if (removal.is === 'denied')
        work.denied = true;
    const outcome = removal.is === 'needed' ? 'kept' : removal.is === 'unknown' ? 'unknown' : 'failed';
    work.record({ item, outcome, ...detail });
    return [settle_sentence(work, item, removal)];
}
function settle_sentence(work, item, removal) {
    const { repository } = work.plan;
    const what = `${item.kind} ${item.kind === 'tag' ? `${repository}:${item.name}` : `${repository}@${item.name}`}`;
    const said = removal.detail ?? '';
    if (removal.is === 'needed')
        return `${what} was left: ${said}`;
    if (removal.is === 'denied' || (removal.is === 'refused' && said.startsWith('403')))
        return `${what} was not deleted: no permission (${said}). The user needs the action \`delete\` on ${repository}`;
    if (removal.is === 'unknown')
        return `whether ${what} was deleted is not known: ${said}`;
    return `${what} was not deleted: the registry answered ${said}`;
}

;// CONCATENATED MODULE: ./src/purge/stage.ts



const stage_KINDS = { 'Delete tag': 'tag', 'Delete manifest': 'manifest', 'Delete blobs': 'blob' };
const stage_WORDS = {
    deleted: 'deleted',
    'already-gone': 'gone already',
    'with-manifest': 'left to go with the manifest',
    kept: 'left',
    failed: 'NOT deleted',
    unknown: 'unknown',
};
/** One step of a purge: opened when there is something to do in it, closed with a line that says what came of it. */
class Stage {
    #work;
    #step;
    #open = false;
    constructor(work, step) {
        this.#work = work;
        this.#step = step;
    }
    open() {
        if (!this.#open)
            this.#work.tools.recorder.begin(this.#work.plan.repository, this.#step);
        this.#open = true;
    }
    close() {
        if (this.#open)
            this.#work.tools.recorder.end(this.#work.plan.repository, this.#step, this.#summary());
        this.#open = false;
    }
    /**
     * Removes manifests or blobs, a level after the other; what was refused is tried again after everything else, as long
     * as that helps: zot, GitLab and Harbor refuse a child while its parent exists.
     *
     * @returns what was not deleted, in sentences
     * @throws Stopped
     */
    async removeAll(kind, contents) {
        if (contents.length === 0)
            return [];
        this.open();
        this.#work.tools.recorder.intend(this.#work.plan.repository, contents.map(({ digest }) => ({ item: { kind, name: digest } })));
        const problems = [];
        let refused = [];
        const one = async (item) => {
            if (this.#work.denied)
                return;
            const removal = await remove(this.#work, item);
            if (removal.is === 'refused')
                refused.push({ item, detail: removal.detail });
            else
                problems.push(...settle(this.#work, item, removal));
        };
        const levels = [...Map.groupBy(contents, ({ level }) => level)].sort(([first], [second]) => first - second);
        const counting = this.#work.tools.progress.of(`${kind}s deleted`, contents.length);
        try {
            for (const [, level] of levels)
                await each(level, this.#work.tools.width, async ({ digest }) => {
                    await one({ kind, name: digest });
                    counting.done();
                });
        }
        finally {
            counting.end();
        }
        while (refused.length > 0 && !this.#work.denied) {
            const again = refused;
            refused = [];
            for (const { item } of again)
                await one(item);
            if (refused.length === again.length)
                break;
        }
        for (const { item, detail } of refused)
            problems.push(...settle(this.#work, item, { is: 'refused', detail }));
        return problems;
    }
    #summary() {
        const counts = new Map();
        for (const { item, outcome } of this.#work.done.values())
            if (item.kind === stage_KINDS[this.#step])
                counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        const parts = [...counts].map(([outcome, number]) => `${number} ${stage_WORDS[outcome]}`);
        return parts.length === 0 ? 'nothing was done' : parts.join(', ');
    }
}

;// CONCATENATED MODULE: ./src/purge/untouched.ts

/**
 * A refusal says that nothing was written, so a registry that refuses is not taken at its word: it may have removed a tag
 * all the same.
 *
 * @returns whether every tag that was to go stands where it stood, or at least nothing shows the contrary
 * @throws Stopped
 */
async function untouched(work) {
    const { surveyor, width } = work.tools;
    const tags = work.plan.tags.filter(({ digest }) => digest !== undefined);
    const states = await each(tags, width, ({ tag }) => surveyor.tag(tag));
    return states.every(({ is }) => is !== 'unknown');
}

;// CONCATENATED MODULE: ./src/purge/labels.ts











/** A replica that lags behind must not look like harm. */
const LOOKS = 2;
/**
 * Removes labels and nothing else (`scope: tag`), by the way that the survey found: the tag endpoint, GitLab's own, or a
 * placeholder. The manifests under them stay, and are asked for by digest to show it.
 *
 * @throws Stopped when the run is to stop; what was done stands in `work`
 */
async function removeLabels(work) {
    const { client, recorder, width } = work.tools;
    const { repository, tags } = work.plan;
    for (const { tag, digest } of tags)
        if (digest === undefined)
            work.record({ item: { kind: 'tag', name: tag }, outcome: 'already-gone' });
    const present = tags.filter(({ digest }) => digest !== undefined);
    if (present.length === 0)
        return { refused: [], problems: [], left: new Map() };
    const stage = new Stage(work, 'Delete tag');
    stage.open();
    intendTags(work, present);
    const problems = await removeAll(work, present);
    const roots = [...new Set(present.flatMap(({ digest }) => digest ?? []))];
    await each(roots, width, async (digest) => {
        const response = await asked(client.manifest(repository, digest, { purpose: 'look-up' }));
        if (typeof response === 'string')
            recorder.note(`${digest} was asked for by digest: ${response}`);
        else if (response.status === 200)
            recorder.note(`${digest} is still there by digest, as it should be: only the label went`);
        else if (isGone(response))
            recorder.note(`${digest} no longer answers by digest: this registry dropped it with its label`);
        else
            recorder.note(`${digest} was asked for by digest and answered with ${describe(response)}`);
    });
    stage.close();
    // Nothing was changed anywhere, so this is a refusal.
    return work.wrote || !(await untouched(work))
        ? { refused: [], problems, left: new Map() }
        : { refused: problems, problems: [], left: new Map() };
}
/**
 * Removes labels. Takes the next way where the registry says of a real tag that it has not the one that the probe found.
 *
 * A label goes only after its manifest was made to outlive it, since some registries delete a manifest with its last tag
 * (see Retention), and may do so when a placeholder takes the tag. Distribution 2.x does not.
 */
async function removeAll(work, present, retention = new Retention(work)) {
    const { capabilities, recorder, width, progress } = work.tools;
    const { repository, way } = work.plan;
    const problems = [];
    const leave = ({ tag }, why) => {
        problems.push(...settle(work, { kind: 'tag', name: tag }, { is: 'needed', detail: why }));
    };
    if (way === 'placeholder') {
        if (capabilities.keepsUntagged(repository))
            return placeholder(work, present);
        const free = [];
        for (const planned of present) {
            const retained = await retention.keep(planned);
            if (retained.is === 'free')
                free.push(planned);
            else
                leave(planned, retained.why);
        }
        return free.length === 0 ? problems : [...problems, ...(await placeholder(work, free))];
    }
    const unsupported = [];
    let harm;
    const one = async (planned) => {
        if (work.denied || harm !== undefined)
            return;
        const item = { kind: 'tag', name: planned.tag };
        const retained = await retention.keep(planned);
        if (retained.is === 'bound') {
            leave(planned, retained.why);
            return;
        }
        const removal = await remove(work, item);
        if (removal.is === 'unsupported')
            unsupported.push({ planned, detail: removal.detail });
        else
            problems.push(...settle(work, item, removal));
    };
    // One at a time until the registry has shown whether it deletes a manifest with a label, and all other tags on it.
    const rest = mostTelling(present, retention);
    for (let alone = rest.shift(); alone !== undefined; alone = rest.shift()) {
        await one(alone);
        if (work.denied || unsupported.length > 0)
            break;
        const { tag, digest } = alone;
        if (work.done.get(tag)?.outcome === 'kept')
            continue;
        if (rest.length > 0)
            harm = await takenAlong(work, alone, retention);
        if (harm !== undefined || rest.every((each) => each.digest !== digest))
            break;
    }
    await counted(progress, 'labels removed', rest, width, one);
    if (harm !== undefined) {
        for (const { tag } of rest)
            work.record({ item: { kind: 'tag', name: tag }, outcome: 'kept', detail: 'not tried' });
        return [...problems, harm];
    }
    const [first] = unsupported;
    if (first === undefined)
        return problems;
    const next = way === 'tag' ? await asked(capabilities.untaggingWithout(repository)) : 'there is no other way';
    const found = typeof next === 'string' || next.is === 'impossible' ? undefined : next.way;
    if (found === undefined) {
        for (const { planned, detail } of unsupported)
            problems.push(...settle(work, { kind: 'tag', name: planned.tag }, { is: 'failed', detail }));
        return problems;
    }
    recorder.note(`This registry cannot delete such a tag by name (${first.detail}), so the next way is taken`);
    work.plan = { ...work.plan, way: found };
    return [
        ...problems,
        ...(await removeAll(work, unsupported.map(({ planned }) => planned), retention)),
    ];
}
/** Sorts labels: those whose removal shows most of what the registry does come first, those on one digest in a row. */
function mostTelling(labels, retention) {
    const groups = [...Map.groupBy(labels, ({ digest }) => digest)].map(([digest, group]) => ({
        group,
        staysTagged: digest !== undefined && !retention.losesLastTag(digest),
    }));
    groups.sort((one, other) => Number(one.staysTagged) - Number(other.staysTagged) || one.group.length - other.group.length);
    return groups.flatMap(({ group }) => group);
}
/** @returns what happened where the removal of a label took along what must stay, in a sentence; else undefined */
async function takenAlong(work, { tag, digest }, retention) {
    if (digest === undefined || work.done.get(tag)?.outcome !== 'deleted')
        return undefined;
    const { client } = work.tools;
    const { repository } = work.plan;
    const fresh = { purpose: 'look-up', fresh: true };
    for (let asks = 0; asks < LOOKS; asks++) {
        const response = await asked(client.manifest(repository, digest, fresh));
        if (typeof response === 'string' || !isGone(response))
            return undefined;
    }
    const whyNot = retention.whyNot(digest);
    const push = whyNot === undefined
        ? ", and remove such labels by the registry's own means"
        : `. Pushing it by its digest, which would have kept it, failed (${whyNot}): allow the user to push to ${repository}`;
    return `With the label ${repository}:${tag} this registry took its manifest ${digest} along, and every other tag on it. No further label was removed. Push that image again${push}`;
}

;// CONCATENATED MODULE: ./src/purge/mirrored.ts



/**
 * Some registries (olareg) keep manifests among their blobs, where they answer after their own deletion. There each
 * needs a second DELETE; what came of it, the proof tells.
 *
 * They are found by asking for one of the manifests, and only where there is a referrers API, which distribution has
 * not: there a manifest answers as a blob only in a stale cache, and that is healed when it is seen.
 *
 * @param manifests that go, and that nobody needs
 */
async function deleteMirrored(work, manifests) {
    const { client, capabilities, recorder, width } = work.tools;
    const { repository } = work.plan;
    const deleted = manifests.filter((digest) => {
        const outcome = work.done.get(digest)?.outcome;
        return outcome === 'deleted' || outcome === 'already-gone';
    });
    const [first] = deleted;
    if (first === undefined || !(await capabilities.hasReferrersApi(repository)))
        return;
    const response = await asked(client.blob(repository, first, { purpose: 'look-up' }));
    if (typeof response === 'string' || response.status !== 200)
        return;
    recorder.note('This registry keeps manifests among its blobs, too, so they are deleted there as well');
    recorder.intend(repository, deleted.map((name) => ({ item: { kind: 'blob', name } })));
    await each(deleted, width, async (name) => {
        if (client.stop.aborted)
            return;
        recorder.about(repository);
        await asked(sendDelete(work, { kind: 'blob', name }, false));
    });
}

;// CONCATENATED MODULE: ./src/purge/untag.ts




/**
 * Deletes tags. On a registry that cannot delete a tag by name (distribution 2.x) the first refusal is enough: the tags
 * go with their manifests.
 *
 * @param tags of the plan; those that do not resolve are passed over
 * @returns what stands in the way of going on, in sentences
 * @throws Stopped
 */
async function untag(work, tags) {
    const { recorder, width, capabilities, progress } = work.tools;
    const { repository } = work.plan;
    const problems = [];
    const one = async (item) => {
        if (capabilities.tagsGoWithManifests(repository)) {
            work.record({ item, outcome: 'with-manifest', via: 'manifest' });
            return;
        }
        if (work.denied)
            return;
        const removal = await remove(work, item);
        if (removal.is === 'unsupported') {
            if (!capabilities.tagsGoWithManifests(repository))
                recorder.note(`This registry cannot delete a tag by name (${removal.detail}): the tag goes with its manifest, as every tag on a manifest does`);
            capabilities.noteNoTagEndpoint(repository);
            work.record({ item, outcome: 'with-manifest', via: 'manifest' });
        }
        else
            problems.push(...settle(work, item, removal));
    };
    const items = tags
        .filter(({ digest }) => digest !== undefined)
        .map(({ tag }) => ({ kind: 'tag', name: tag }));
    // The first alone finds out whether tags can be deleted by name at all.
    await each(items.slice(0, 1), 1, one);
    await counted(progress, 'tags deleted', items.slice(1), width, one);
    return problems;
}

;// CONCATENATED MODULE: ./src/purge/execute.ts










/** Protected tags that are read again before the first write, at the most: globs can protect thousands. */
const execute_FEW = 100;
/**
 * Carries out a plan: tags, then manifests from the roots down, then blobs, with a look at the tags before the first
 * write and another before the blobs (safety rule 6).
 *
 * @throws Stopped when the run is to stop; what was done stands in `work`
 */
async function execute(work, known) {
    const first = await lookFirst(work, known);
    if (first.refused.length > 0)
        return execute_refusal(first.refused);
    if (work.plan.manifests.length + work.plan.blobs.length === 0)
        return removeLabels(work);
    const left = new Map(first.left);
    const goes = ({ digest }) => !left.has(digest);
    const problems = await untagAndConfirm(work);
    if (!work.wrote && problems.length > 0) {
        if (await untouched(work))
            return execute_refusal(problems);
        work.wrote = true;
    }
    const stage = new Stage(work, 'Delete manifest');
    for (const { digest } of work.plan.manifests.filter(({ gone }) => gone))
        work.record({ item: { kind: 'manifest', name: digest }, outcome: 'already-gone' });
    problems.push(...(await stage.removeAll('manifest', work.plan.manifests.filter(({ gone }) => !gone).filter(goes))));
    const last = await looking(() => work.lookAgain('all'));
    const unsure = typeof last === 'string' ? [last] : last.unsure;
    if (typeof last === 'string' || unsure.length > 0) {
        stage.close();
        problems.push(...unsure.map((why) => `The blobs of ${work.plan.repository} were not deleted, since ${why}`));
        return { refused: [], problems, left };
    }
    for (const [digest, tags] of last.left)
        left.set(digest, tags);
    work.release(last.released);
    intendTags(work, last.released.tags);
    problems.push(...(await untag(work, last.released.tags)));
    problems.push(...(await stage.removeAll('manifest', last.released.manifests)));
    await deleteMirrored(work, work.plan.manifests.filter(goes).map(({ digest }) => digest));
    stage.close();
    const lastStage = new Stage(work, 'Delete blobs');
    problems.push(...(await lastStage.removeAll('blob', work.plan.blobs.filter(goes))));
    lastStage.close();
    for (const [digest, tags] of left)
        leave(work, digest, tags);
    return { refused: [], problems, left };
}
/**
 * Looks once more before the first write.
 *
 * @returns why nothing may be written, and what tags came to need
 */
async function lookFirst(work, { rules, aged, ...known }) {
    const guarded = work.plan.remaining.filter((each) => each.protected).map(({ tag }) => tag);
    const seen = await looking(() => work.lookAgain(aged ? 'all' : 'going', guarded.slice(0, execute_FEW)));
    if (typeof seen === 'string')
        return execute_refusal([seen]);
    const again = planRepository({ ...known, survey: { ...known.survey, ...work.facts } }, rules);
    const refused = [
        ...changes(work, seen),
        ...displaced(work, { rules, ...known }),
        ...appeared(work.plan, again, seen),
        ...again.refusals,
    ];
    return { refused, left: seen.left };
}
/** What came to belong to the image since the plan was made: nobody has approved that they go. */
function appeared(before, after, { newcomers }) {
    const planned = new Set(before.tags.map(({ tag }) => tag));
    const names = new Map();
    for (const { tag, belongsTo } of after.tags)
        if (!planned.has(tag))
            names.set(`:${tag}`, belongsTo);
    for (const { tag, digest, subject } of newcomers)
        names.set(tag === undefined ? `@${digest}` : `:${tag}`, subject);
    return [...names].map(([name, subject]) => `${before.repository}${name} belongs to ${subject ?? 'the image'}, and was not there when the plan was made. Run again`);
}
function execute_refusal(refused) {
    return { refused, problems: [], left: new Map() };
}
/** What changed between the survey and the first write, so that the plan is of yesterday. */
function changes(work, { moved, revived, unsure }) {
    const name = (tag) => `${work.plan.repository}:${tag}`;
    return [
        ...moved.map(({ tag, digest }) => `${name(tag)} points at ${digest} now: it moved after it was planned. Run again`),
        ...revived.map((tag) => `${name(tag)} did not resolve when the plan was made, and does now. Run again`),
        ...unsure,
    ];
}
/** Where so many of the newest are to stay, and one of them is gone, the next one has its place. */
function displaced({ plan, facts }, { rules, selection }) {
    if (selection === undefined || (rules.keepNewest ?? 0) === 0)
        return [];
    const listed = new Set(facts.listed);
    return selection.unselected.flatMap(({ tag, digest }) => digest === undefined || listed.has(tag)
        ? []
        : [
            `${plan.repository}:${tag} was counted for keep-newest when the plan was made, and is gone now. Run again`,
        ]);
}
/** Deletes the tags, and shows by a GET of each digest why that is not enough. */
async function untagAndConfirm(work) {
    const { client, recorder, width, progress } = work.tools;
    const { repository, tags } = work.plan;
    for (const { tag, digest } of tags)
        if (digest === undefined)
            work.record({ item: { kind: 'tag', name: tag }, outcome: 'already-gone' });
    const isLabel = ({ onlyLabel }) => onlyLabel !== undefined;
    const labels = tags.filter((each) => isLabel(each) && each.digest !== undefined);
    const going = tags.filter((each) => !isLabel(each));
    const roots = [...new Set(going.flatMap(({ digest }) => digest ?? []))];
    if (roots.length + labels.length === 0)
        return [];
    const stage = new Stage(work, 'Delete tag');
    stage.open();
    intendTags(work, [...going, ...labels]);
    const problems = await untag(work, going);
    if (labels.length > 0)
        problems.push(...(await removeAll(work, labels)));
    await counted(progress, 'digests asked for', roots, width, async (digest) => {
        const response = await asked(client.manifest(repository, digest, { purpose: 'look-up' }));
        if (typeof response === 'string')
            recorder.note(`${digest} was asked for by digest: ${response}`);
        else if (response.status === 200) {
            work.confirmed.add(digest);
            recorder.note(`${digest} is still there by digest: a tag is only a label, so the manifest and its blobs go next`);
        }
        else if (isGone(response))
            recorder.note(`${digest} no longer answers by digest: this registry drops it with its tag`);
        else
            recorder.note(`${digest} was asked for by digest and answered with ${describe(response)}`);
    });
    stage.close();
    return problems;
}
function leave(work, digest, tags) {
    const kind = work.plan.blobs.some((blob) => blob.digest === digest) ? 'blob' : 'manifest';
    const before = work.done.get(digest);
    const detail = `needed by ${tags.join(', ')} now${before === undefined ? '' : `, after it was ${before.outcome}`}`;
    work.record({ item: { kind, name: digest }, outcome: before?.outcome ?? 'kept', detail });
}

;// CONCATENATED MODULE: ./src/plan/reconsider.ts




/**
 * Asks of fresh facts whether a plan still holds (safety rules 6 and 9): what a look finds anew stays, with all it
 * needs; what nobody holds any more goes, with what is attached to it.
 *
 * @param plan the repository's plan
 * @param facts every tag as it is now
 */
function reconsider(plan, facts) {
    const { pointers, moved, revived, unsure } = whereTagsPoint(plan, facts);
    const contents = [...plan.manifests, ...plan.blobs];
    const named = new Set(contents.filter((each) => each.named).map(({ digest }) => digest));
    // Of which only the label goes, stays whole, whether or not the label is still there to hold it.
    const holders = new Holders(pointers, facts, named, labelsOf(plan.tags));
    for (const [digest, missing] of facts.missing) {
        if (!holders.held.has(digest))
            continue;
        if (missing.is !== 'lie' && plan.ignored.has(digest))
            continue;
        const why = missing.is === 'missing' ? 'it is unknown to the registry' : missing.why;
        unsure.push(`a remaining tag of ${plan.repository} needs ${digest}, which cannot be read: ${why}`);
    }
    for (const [subject, why] of facts.referrersUnclear)
        if (!plan.ignored.has(subject))
            unsure.push(`what refers to ${subject} cannot be told: ${why}`);
    const going = new Set(contents.map(({ digest }) => digest));
    const newcomers = newcomersOf(plan, facts, pointers);
    return {
        left: holders.of(new Set([...going].filter((digest) => holders.held.has(digest)))),
        released: release(plan, facts, pointers, named, new Set(newcomers.map(({ digest }) => digest))),
        moved,
        revived,
        newcomers,
        unsure,
    };
}
function newcomersOf(plan, facts, pointers) {
    const going = new Set(plan.manifests.map(({ digest }) => digest));
    const keys = new Map(plan.manifests.map(({ digest }) => [keyOf(digest), digest]));
    const known = new Set(plan.remaining.map(({ tag }) => tag));
    const purged = new Set(plan.tags.map(({ tag }) => tag));
    const all = [];
    const tagged = new Set(plan.remaining.flatMap(({ digest }) => digest ?? []));
    for (const [tag, digest] of pointers) {
        if (known.has(tag) || purged.has(tag))
            continue;
        const own = facts.manifests.get(digest)?.subject;
        const subject = keys.get(subjectKey(tag) ?? '') ?? (own !== undefined && going.has(own) ? own : undefined);
        if (subject === undefined)
            continue;
        tagged.add(digest);
        all.push({ tag, digest, subject });
    }
    for (const subject of going)
        for (const digest of facts.referrers.get(subject) ?? [])
            if (!plan.image.has(digest) && !tagged.has(digest) && facts.manifests.get(digest)?.subject === subject)
                all.push({ digest, subject });
    return all;
}
/** Every tag that stays, and what it points at as far as that is to be protected. */
function whereTagsPoint(plan, facts) {
    const purged = new Map(plan.tags.map((each) => [each.tag, each]));
    const before = new Map(plan.remaining.map((each) => [each.tag, each]));
    const listed = new Set(facts.listed);
    const pointers = new Map();
    const moved = [];
    const revived = [];
    const unsure = [];
    for (const [tag, state] of facts.tags) {
        const own = purged.get(tag);
        const known = before.get(tag);
        if (state.is === 'resolved') {
            // The tag that goes still shows its manifest where the registry cannot delete it by name: that holds nothing.
            if (own !== undefined && own.digest === state.digest)
                continue;
            if (own !== undefined)
                moved.push({ tag, digest: state.digest });
            if (known !== undefined && known.digest === undefined)
                revived.push(tag);
            pointers.set(tag, state.digest);
        }
        else if (state.is === 'unknown') {
            // Listed and yet unknown, though it resolved before: a replica lags behind, so what it needed is still needed.
            if (known?.digest !== undefined && listed.has(tag))
                pointers.set(tag, known.digest);
            if (known?.protected === true)
                unsure.push(`${plan.repository}:${tag} is in protected-tags, but its manifest is unknown to the registry now`);
        }
        else if (state.is === 'lie' || !plan.ignored.has(tag))
            unsure.push(`${plan.repository}:${tag} cannot be read now: ${state.why}`);
    }
    return { pointers, moved, revived, unsure };
}
/**
 * Looks for what would go by now and is not in the plan. Tags that are new, or moved, stay whatever they belong to.
 *
 * @param strange was not there when the plan was made: it does not go along, but it may be needed
 */
function release(plan, facts, pointers, named, strange) {
    // All that goes is a root: the tags by whose names some of it belonged may be gone.
    const roots = new Set(plan.manifests.map(({ digest }) => digest));
    const before = new Map(plan.remaining.map((each) => [each.tag, each]));
    const guarded = new Set();
    for (const [tag, digest] of pointers) {
        const known = before.get(tag);
        if (known === undefined || known.protected || known.guarded === true || known.digest !== digest)
            guarded.add(tag);
    }
    const whole = attach(roots, pointers, facts, named, guarded, strange, labelsOf(plan.tags));
    const { manifests, blobs } = split(whole, [], facts, named);
    const planned = new Set([...plan.manifests, ...plan.blobs].map(({ digest }) => digest));
    const isNew = ({ digest }) => !planned.has(digest);
    return {
        tags: [...whole.tags].flatMap(([tag, [belongsTo]]) => {
            const digest = pointers.get(tag);
            return digest === undefined || belongsTo === undefined ? [] : [{ tag, digest, root: digest, belongsTo }];
        }),
        manifests: manifests.filter(isNew),
        blobs: blobs.filter(isNew),
    };
}

;// CONCATENATED MODULE: ./src/purge/work.ts

const LEAST_TIMEOUT = 120_000;
const TIMEOUT_BASE = 30_000;
const TIMEOUT_A_TAG = 5;
/** So many tags are read again in the blink of an eye. */
const work_FEW = 100;
/** One repository's purge under way: its plan, what is known, and what was done so far. */
class Work {
    plan;
    tools;
    done = new Map();
    /** Every digest that a DELETE of this run named, whatever came of it. */
    touched = new Set();
    /** Every digest of the purged images of the run, in whatever repository: never asked for with HEAD. */
    sensitive;
    /** Manifests of this run that hold nothing: a tag on one is still on its way out. */
    placeholders = new Set();
    /** Tags that a DELETE took away which the registry answered with an error: it may go on listing them. */
    explained = new Set();
    /** A request may have changed something. */
    wrote = false;
    /** Roots that answered by digest when their tag was gone. */
    confirmed = new Set();
    /** What was read a moment before was answered as unknown, so the registry's replicas may differ. */
    differed = false;
    /** The registry takes the credentials no more: nothing further is tried. */
    denied = false;
    facts;
    /** When the newest look at tags that were known began, milliseconds since the epoch. */
    lookedAt = -Infinity;
    /** When the newest look of any kind began, and when it was over. */
    #listed = { begun: -Infinity, ended: -Infinity };
    /** When something last waited for the registry's patience. */
    waitedAt = -Infinity;
    /** What the newest look showed. */
    latest;
    #looking;
    constructor(plan, facts, sensitive, tools) {
        this.plan = plan;
        this.facts = facts;
        this.sensitive = sensitive;
        this.tools = tools;
    }
    /**
     * Milliseconds that a DELETE may take: distribution reads every tag of the repository for one, some seconds at
     * 100,000 tags on a local disk and more on an object store.
     */
    get timeout() {
        return Math.max(LEAST_TIMEOUT, TIMEOUT_BASE + TIMEOUT_A_TAG * this.facts.listed.length);
    }
    /** Takes over that more goes than was planned: from now on it is looked after like all that goes. */
    release(released) {
        const { tags, manifests, blobs } = released;
        if (tags.length + manifests.length + blobs.length === 0)
            return;
        const digests = new Set([...manifests, ...blobs].map(({ digest }) => digest));
        const labels = new Set(tags.map(({ tag }) => tag));
        this.plan = {
            ...this.plan,
            tags: [...this.plan.tags, ...tags],
            manifests: [...this.plan.manifests, ...manifests],
            blobs: [...this.plan.blobs, ...blobs],
            kept: this.plan.kept.filter(({ digest }) => !digests.has(digest)),
            remaining: this.plan.remaining.filter(({ tag }) => !labels.has(tag)),
        };
        this.tools.recorder.release(this.plan.repository, released);
    }
    /** Tells the recorder and keeps it. */
    record(done) {
        const whole = { ...done, at: this.tools.clock.now() };
        this.done.set(done.item.name, whole);
        if (done.outcome === 'deleted' || done.outcome === 'unknown')
            this.wrote = true;
        this.tools.recorder.done(this.plan.repository, whole);
        return whole;
    }
    /** All is proven gone: whatever was answered to the DELETE of a label, it is removed. */
    settleLabels() {
        for (const { item, outcome, via } of [...this.done.values()]) {
            if (item.kind !== 'tag' || (outcome !== 'failed' && outcome !== 'unknown'))
                continue;
            const way = via ?? this.plan.way;
            this.record({ item, outcome: 'deleted', ...(way !== undefined && { via: way }) });
        }
    }
    /**
     * Lists anew, reads the tags, and asks whether the plan still holds.
     *
     * @param asked tags that are read in any case: one that goes and answers may stand in no list
     * @throws ListError, WireError, Stopped
     */
    async lookAgain(which, asked = []) {
        const tags = this.plan.tags.map(({ tag }) => tag);
        const removed = tags.filter((tag) => this.done.get(tag)?.outcome === 'deleted');
        const untagged = new Set(removed.filter((tag) => wasDeletedByName(this.done.get(tag))));
        const dropped = tags.filter((tag) => {
            const outcome = this.done.get(tag)?.outcome;
            return outcome === 'with-manifest' || (outcome === 'deleted' && !untagged.has(tag));
        });
        const said = ({ tag, root }) => this.done.get(tag)?.detail !== undefined || this.done.get(root)?.detail !== undefined;
        const going = {
            tags: new Set(tags),
            removed: new Set(removed),
            untagged,
            dropped: new Set(dropped),
            explained: new Set([...this.explained, ...this.plan.tags.filter(said).map(({ tag }) => tag)]),
            manifests: new Set(this.plan.manifests.map(({ digest }) => digest)),
        };
        const begun = this.tools.clock.now();
        this.facts = await this.tools.surveyor.look(this.facts, which, going, asked);
        this.latest = reconsider(this.plan, this.facts);
        this.#listed = { begun, ended: this.tools.clock.now() };
        if (which !== 'new')
            this.lookedAt = begun;
        return this.latest;
    }
    /**
     * What a look shows that began at this moment or later: the newest one, one under way, or a new one. So what waited
     * together looks together.
     *
     * @throws ListError, WireError, Stopped
     */
    async lookedSince(moment) {
        for (;;) {
            if (this.latest !== undefined && this.lookedAt >= moment)
                return this.latest;
            if (this.#looking === undefined) {
                void this.#begin('all').catch(() => undefined);
                continue;
            }
            const { which, begun, seen } = this.#looking;
            if (which === 'all' && begun >= moment)
                return seen;
            await seen.catch(() => undefined);
        }
    }
    /**
     * Sees to it that tags which came in the meantime are known where the newest look is not of just now; where there are
     * few, also those that moved. What goes at the same time looks together, and nobody looks twice for the same moment.
     *
     * @param age milliseconds that a look may be old
     * @throws ListError, WireError, Stopped
     */
    async lookedWithin(age) {
        const oldest = this.tools.clock.now() - age;
        while (this.newestLook < oldest) {
            if (this.#looking === undefined) {
                await this.#begin(this.#few ? 'all' : 'new');
            }
            else
                await this.#looking.seen.catch(() => undefined);
        }
    }
    /** Begins a look that others may wait for as well. */
    #begin(which) {
        const seen = this.lookAgain(which).finally(() => (this.#looking = undefined));
        this.#looking = { which, begun: this.tools.clock.now(), seen };
        return seen;
    }
    /**
     * The moment for which the newest look stands, milliseconds since the epoch. One that reads every tag stands for its
     * end: to read them all once more takes as long, and would be no fresher.
     */
    get newestLook() {
        return this.#few ? this.#listed.ended : this.#listed.begun;
    }
    get #few() {
        return this.facts.listed.length <= work_FEW;
    }
    /** Why the newest look forbids to delete something, or undefined. */
    forbids(item) {
        if (this.latest === undefined)
            return undefined;
        const { left, moved, unsure } = this.latest;
        if (item.kind === 'tag') {
            const now = moved.find(({ tag }) => tag === item.name);
            return now === undefined ? undefined : `it points at ${now.digest} now, which somebody else pushed`;
        }
        const holders = left.get(item.name);
        return holders === undefined ? unsure[0] : `needed by ${holders.join(', ')} now`;
    }
}
/** A registry that says more than that it worked, such as `errors` in a 202, may have left the tag on its list. */
function wasDeletedByName(done) {
    return (done?.outcome === 'deleted' && done.detail === undefined && (done.via === 'tag' || done.via === 'gitlab'));
}

;// CONCATENATED MODULE: ./src/survey/created.ts




/**
 * Finds out when images were created: the `created` of their config (image-spec, "Image Configuration"); for an index
 * that of its newest image. Each config is read once, however many images share it, and hashed.
 *
 * @param roots manifests of tags
 * @param facts with everything below them
 * @returns for each root its date as it stands there, or why there is none. Whether a date can be true is for others to
 *   judge
 * @throws WireError only when the run is to stop
 */
async function readCreated(roots, facts, { client, repository, width, progress }) {
    const images = new Map();
    const configs = new Set();
    for (const root of roots) {
        const below = imagesOf(root, facts);
        images.set(root, below);
        for (const image of below) {
            const config = typeof image === 'string' ? undefined : image.config?.digest;
            if (config !== undefined && !EMPTY_BLOBS.has(config))
                configs.add(config);
        }
    }
    const stated = new Map();
    await counted(progress, 'configs read', [...configs], width, async (config) => {
        stated.set(config, await statedIn(client, repository, config));
    });
    const of = (image) => {
        if (typeof image === 'string')
            return { is: 'unreadable', why: `${image} could not be read` };
        if (image.kind !== 'image')
            return image.kind === 'artifact'
                ? { is: 'silent' }
                : { is: 'unreadable', why: `${image.digest} is of a kind that has no date` };
        return stated.get(image.config?.digest ?? image.digest) ?? { is: 'silent' };
    };
    return new Map([...images].map(([root, below]) => [root, newest(below.map(of))]));
}
/** The images of an index at any depth, or the manifest itself; a digest stands for one that was not read. */
function imagesOf(root, { manifests }) {
    const images = [];
    const below = new Set([root]);
    // A Set hands out entries that are added while it is walked.
    for (const digest of below) {
        const manifest = manifests.get(digest);
        if (manifest?.kind === 'index')
            for (const child of manifest.children)
                below.add(child.digest);
        else
            images.push(manifest ?? digest);
    }
    return images;
}
/** An image without a date is passed over, as long as another one has one; a doubt about one is a doubt about all. */
function newest(all) {
    let at;
    for (const each of all) {
        if (each.is === 'unreadable')
            return { is: 'unknown', why: each.why };
        if (each.is === 'known')
            at = Math.max(at ?? each.at, each.at);
    }
    return at === undefined ? { is: 'unknown', why: 'its config has no `created`' } : { is: 'known', at };
}
async function statedIn(client, repository, config) {
    const what = `the config ${config}`;
    try {
        const response = await client.config(repository, config);
        if (response.status !== 200)
            return { is: 'unreadable', why: `${what} was answered with ${describe(response)}` };
        if (response.cut || !matches(config, response.body))
            return { is: 'unreadable', why: `${what} came with other bytes than its digest says` };
        return dateIn(response.body) ?? { is: 'unreadable', why: `${what} has no date that can be read` };
    }
    catch (error) {
        if (error instanceof WireError && error.failure !== 'cancelled')
            return { is: 'unreadable', why: error.message };
        throw error;
    }
}
function dateIn(body) {
    let json;
    try {
        json = JSON.parse(Buffer.from(body).toString('utf8'));
    }
    catch {
        return undefined;
    }
    if (typeof json !== 'object' || json === null || Array.isArray(json))
        return undefined;
    // Go's readers take `Created` for `created`: two readers would see two dates.
    const keys = Object.keys(json).filter((key) => key.toLowerCase() === 'created');
    if (keys.length === 0)
        return { is: 'silent' };
    const value = json.created;
    if (keys.length > 1 || value === undefined)
        return undefined;
    if (value === null)
        return { is: 'silent' };
    const at = typeof value === 'string' ? parseInstant(value) : undefined;
    return at === undefined ? undefined : { is: 'known', at };
}

;// CONCATENATED MODULE: ./src/survey/key-order.ts
/** With these a name goes on that sorts behind the folder `<tag>/`; `-` and `.` sort before it. */
const HIDDEN_NEXT = /^[0-9A-Za-z_]/;
/** @returns whether a list that names `tag` would hide `other` on distribution 3.1.1 on S3 */
function hides(tag, other) {
    return other.startsWith(tag) && HIDDEN_NEXT.test(other.slice(tag.length));
}
/**
 * Distribution 3.1.0 and 3.1.1 on S3 walk over the keys `<tag>/…`, and skip everything that begins with the name of the
 * tag that they were at, and not only its folder (distribution#4891).
 *
 * @param tags in the registry's order
 */
function shapeOf(tags) {
    const names = new Set(tags);
    if (tags.some((tag) => isHideable(tag, names)))
        return 'whole';
    const keys = tags.map((tag) => `${tag}/`);
    if (!isSorted(keys))
        return 'whole';
    return isSorted(tags) ? 'open' : 'keys';
}
function isHideable(tag, names) {
    for (let end = 1; end < tag.length; end++)
        if (HIDDEN_NEXT.test(tag.charAt(end)) && names.has(tag.slice(0, end)))
            return true;
    return false;
}
/** Tags are ASCII, so the order of UTF-16 units is that of bytes. */
function isSorted(names) {
    return names.every((name, at) => at === 0 || (names[at - 1] ?? '') < name);
}

;// CONCATENATED MODULE: ./src/survey/hidden.ts






/** Listed tags that are asked behind if nothing tells whether the registry hides any. */
const UNTOLD = 100;
/** Hidden tags of one repository. */
const hidden_MOST = 100_000;
/** The `last` that starts right behind a tag's folder: `~` sorts behind every name in it. */
const behind = (tag) => `${tag}/~`;
/**
 * A `last` that tells how the registry walks: at a place inside the tag's folder, before anything in it. Distribution
 * cleans this path, but compares names with it as it is. So its walk over folders goes on behind the tag, and its walk
 * over S3 keys names the tag itself.
 */
const inside = (tag) => `/${tag}/0/~`;
/**
 * Finds the tags of one repository that its tag list hides: distribution 3.1.0 and 3.1.1 on S3 leave out every name that
 * goes on a listed one with a digit, a letter or `_` (`v1` hides `v10`). One request a listed tag finds them, so they are
 * looked for only if the list can hide any.
 */
class HiddenTags {
    #client;
    #repository;
    #width;
    /** How this registry lists, once that is known. */
    #lists;
    #found = [];
    #unasked = 0;
    /** @param width requests at a time */
    constructor(client, repository, width) {
        this.#client = client;
        this.#repository = repository;
        this.#width = width;
    }
    /** What was found behind the newest list, in no order. */
    get found() {
        return this.#found;
    }
    /** Tags of the newest list that were not asked behind, although the list may hide tags behind them. */
    get unasked() {
        return this.#unasked;
    }
    /** Takes in that a tag resolves which a list does not name. @returns whether a listed tag may hide it */
    suspect(tag, listed) {
        if (!listed.some((each) => hides(each, tag)))
            return false;
        this.#lists = 'by keys';
        return true;
    }
    /**
     * Looks for tags that a list hides.
     *
     * @param listed the whole list, in the registry's order
     * @param pastCaches whether each request carries a query that no cache knows
     * @returns names that the list does not have; some may not resolve
     * @throws ListError, WireError
     */
    async behind(listed, pastCaches = false) {
        this.#found = [];
        this.#unasked = 0;
        const asked = await this.#toAsk(listed, pastCaches);
        if (asked.length === 0)
            return [];
        const known = new Set(listed);
        const found = new Set();
        const [first, ...others] = asked;
        const walk = async (from) => {
            // What is found may hide more, so the walk goes on from there.
            for (let at = from; at !== undefined && this.#lists !== 'whole' && this.#lists !== 'untold';) {
                const next = await this.#ask(behind(at), pastCaches);
                if (next.is === 'refused')
                    this.#takeRefusal(next, found.size > 0);
                if (next.is === 'everything')
                    this.#lists = 'whole';
                if (next.is !== 'tag' || known.has(next.tag) || found.has(next.tag))
                    return;
                if (found.size === hidden_MOST)
                    throw new ListError(`the tag list of ${this.#repository} hides more than ${hidden_MOST} tags`);
                found.add(next.tag);
                if (hides(at, next.tag))
                    this.#lists = 'by keys';
                at = next.tag;
            }
        };
        // The first one may tell that there is no use in asking behind the others.
        await walk(first);
        await each(others, this.#width, walk);
        this.#found = [...found];
        if (this.#lists === 'whole')
            this.#unasked = 0;
        if (this.#lists === 'untold')
            this.#unasked = listed.length;
        // What the first tags hide tells that the others may hide tags as well.
        return this.#unasked > 0 && this.#lists === 'by keys' ? this.behind(listed, pastCaches) : this.#found;
    }
    /** @returns the listed tags behind which tags may be hidden */
    async #toAsk(listed, pastCaches) {
        if (this.#lists === 'by keys' || listed.length === 0)
            return listed;
        const shape = shapeOf(listed);
        if (shape === 'keys')
            this.#lists = 'by keys';
        if (shape === 'whole')
            this.#lists = 'whole';
        this.#lists ??= await this.#howItLists(listed, pastCaches);
        if (this.#lists === 'whole')
            return [];
        if (this.#lists === 'untold') {
            this.#unasked = listed.length;
            return [];
        }
        if (this.#lists !== undefined || this.#client.redirectsBlobs)
            return listed;
        this.#unasked = Math.max(0, listed.length - UNTOLD);
        return listed.slice(0, UNTOLD);
    }
    /**
     * Finds out by one request how the registry lists. The place is so chosen that each walk names another tag: the tag
     * itself (over S3 keys), the one after it (over folders, 3.1.1), the second of all (3.0.0), or everything (2.x).
     *
     * @returns undefined if the response fits none of them
     */
    async #howItLists(listed, pastCaches) {
        const at = listed.length > 3 ? 2 : 0;
        const [tag, next] = listed.slice(at);
        if (tag === undefined || next === undefined)
            return undefined;
        const named = await this.#ask(inside(tag), pastCaches);
        if (named.is === 'everything')
            return 'whole';
        if (named.is !== 'tag')
            return undefined;
        if (named.tag === next || named.tag === listed[1])
            return 'whole';
        return at > 0 && named.tag === tag ? 'by keys' : undefined;
    }
    /**
     * A registry that hides tags takes every place, but something in front of it may not. Then nothing tells whether tags
     * are hidden, and that is said.
     *
     * @throws ListError if this registry is known to hide tags, or stores its blobs where it may
     */
    #takeRefusal({ why }, foundAny) {
        if (foundAny || this.#lists === 'by keys' || this.#client.redirectsBlobs)
            throw new ListError(`tags that the list of ${this.#repository} may hide cannot be asked for: ${why}`);
        this.#lists = 'untold';
    }
    async #ask(last, pastCaches) {
        const answer = pastCaches ? undefined : await this.#send(last);
        const fresh = answer === undefined || 'cache' in answer
            ? await this.#send(last, this.#client.newCacheBuster())
            : answer;
        if ('cache' in fresh)
            throw new StaleList(this.#repository, `comes out of a cache (${fresh.cache})`);
        return fresh;
    }
    async #send(last, cacheBuster) {
        const reading = { purpose: 'list-tags', ...(cacheBuster !== undefined && { cacheBuster }) };
        const response = await this.#client.tagBehind(this.#repository, last, reading);
        const cache = cacheOf(response);
        if (cache !== undefined)
            return { cache };
        if (response.status === 429)
            throw new ListError(`the tag list of ${this.#repository} was answered with ${describe(response)}`);
        if (response.status !== 200 || response.cut || tagsOnPage(response.body) === undefined)
            return { is: 'refused', status: response.status, why: describe(response) };
        const [tag, ...more] = tags_tagsOf(this.#repository, parseJson(response.body));
        if (more.length > 0)
            return { is: 'everything' };
        return tag === undefined ? { is: 'end' } : { is: 'tag', tag };
    }
}

;// CONCATENATED MODULE: ./src/survey/pool.ts
/**
 * Keeps one of what comes again and again: a repository of a hundred thousand tags shows the same manifests over and
 * over, and these the same layers.
 */
class Pool {
    #manifests = new Map();
    #descriptors = new Map();
    #resolved = new Map();
    /** @returns what these bytes were parsed to before, under the same media type, if they were */
    manifest(digest, type) {
        const known = this.#manifests.get(digest);
        return known?.type === type ? known.manifest : undefined;
    }
    /** Keeps a manifest. @param type the media type that it came under @returns it, with shared descriptors */
    keep(manifest, type) {
        const pooled = {
            ...manifest,
            children: manifest.children.map((each) => this.#descriptor(each)),
            blobs: manifest.blobs.map((each) => this.#descriptor(each)),
            ...(manifest.config !== undefined && { config: this.#descriptor(manifest.config) }),
        };
        this.#manifests.set(manifest.digest, { type, manifest: pooled });
        return pooled;
    }
    /** @returns the state of a tag that shows a manifest */
    resolved(digest) {
        const known = this.#resolved.get(digest);
        if (known !== undefined)
            return known;
        const state = { is: 'resolved', digest };
        this.#resolved.set(digest, state);
        return state;
    }
    /** Two manifests can describe the same content differently: then each keeps its own. */
    #descriptor(each) {
        const known = this.#descriptors.get(each.digest);
        if (known === undefined)
            this.#descriptors.set(each.digest, each);
        return known !== undefined && same(known, each) ? known : each;
    }
}
function same(one, other) {
    return one.mediaType === other.mediaType && one.size === other.size && one.foreign === other.foreign;
}

;// CONCATENATED MODULE: ./src/survey/twin.ts

/**
 * Reads a blob whole, without keeping it, to find out the sha256 digest of its bytes. The registry's word for it, a
 * header, would be no proof.
 *
 * @param digest of the blob, by sha512
 * @returns the twin; neither where the blob is not there; or why it cannot be told
 * @throws WireError where the run is to stop
 */
async function readTwin(client, repository, digest) {
    const what = `${repository}@${digest} is named by sha512, and registries serve such content under a sha256 digest, too. It`;
    try {
        const response = await client.blobHash(repository, digest);
        if (isGone(response))
            return {};
        if (response.status !== 200 || response.cut || response.hashes === undefined)
            return { why: `${what} could not be read to find that out: ${describe(response)}` };
        const { sha256, sha512 } = response.hashes;
        return sha512 === digest ? { twin: sha256 } : { why: `${what} came with other bytes` };
    }
    catch (error) {
        if (!(error instanceof WireError) || error.failure === 'cancelled')
            throw error;
        return { why: `${what} could not be read to find that out: ${error.message}` };
    }
}

;// CONCATENATED MODULE: ./src/survey/read.ts








const LEVELS = 16;
const MANIFESTS = 500_000;
/**
 * Reads tags and the manifests below them, each manifest once, however many tags share it. What could not be read is
 * recorded and never thrown; only cancellation and defects are.
 */
class Reader {
    manifests = new Map();
    missing = new Map();
    referrers = new Map();
    referrersUnclear = new Map();
    twins = new Map();
    #client;
    #capabilities;
    #repository;
    #underWay = new Map();
    #pool;
    /** Whether the repository has an API for referrers, once one was asked for. */
    #referrersApi = false;
    /**
     * @param capabilities where to ask for referrers; undefined: they are not asked for
     * @param known what an earlier reader read: manifests are content-addressed, so they need not be read again
     */
    constructor(client, capabilities, repository, known) {
        this.#client = client;
        this.#capabilities = capabilities;
        this.#repository = repository;
        this.#pool = known === undefined ? new Pool() : known.#pool;
        if (known === undefined)
            return;
        for (const [digest, manifest] of known.manifests)
            this.manifests.set(digest, manifest);
        for (const [digest, missing] of known.missing)
            if (missing.is === 'missing')
                this.missing.set(digest, missing);
        for (const [digest, list] of known.referrers)
            this.referrers.set(digest, [...list]);
        for (const [digest, list] of known.twins)
            this.twins.set(digest, [...list]);
        this.#referrersApi = known.#referrersApi;
    }
    /** Reads a tag by one GET, whose hashed body is digest and graph at once, and everything below it. */
    async tag(tag) {
        const answer = await this.#ask(tag, { purpose: 'read-tag' });
        if ('is' in answer)
            return answer.is === 'missing' ? { is: 'unknown' } : answer;
        const { manifest } = answer;
        if (manifest.kind === 'schema1' && !this.manifests.has(manifest.digest)) {
            // 2.x converts on the way out. What it has itself it also serves by digest.
            const stored = await this.#ask(manifest.digest, { purpose: 'read-manifest' });
            if ('is' in stored)
                return {
                    is: 'unreadable',
                    why: 'it was answered with a schema 1 manifest that is a conversion of another',
                };
        }
        await this.#take(answer, 0);
        return this.#pool.resolved(manifest.digest);
    }
    /** Reads a manifest by digest, and everything below it. What came of it stands in `manifests` or `missing`. */
    digest(digest, level = 0) {
        const known = this.manifests.get(digest);
        if (known !== undefined)
            return this.#below(known, level);
        const underWay = this.#underWay.get(digest);
        if (underWay !== undefined)
            return underWay;
        const reading = this.#readDigest(digest, level);
        this.#underWay.set(digest, reading);
        return reading;
    }
    /** Asks again what refers to manifests that are known, where the registry has the API for it. */
    async refer(subjects, width) {
        if (!this.#referrersApi)
            return;
        await each([...subjects], width, (subject) => this.#referrersOf(subject, 0));
    }
    /**
     * Reads blobs whole that are named by sha512, to find out under which sha256 digest a registry may serve the same
     * bytes: a push by sha512 makes both.
     *
     * @returns why one cannot be told, a sentence each
     */
    async twinsOf(blobs, width) {
        const unknown = [];
        const open = [...blobs].filter((digest) => digest.startsWith('sha512:') && !this.twins.has(digest));
        await each(open, width, async (digest) => {
            const found = await readTwin(this.#client, this.#repository, digest);
            if ('why' in found)
                unknown.push(found.why);
            else if (found.twin !== undefined)
                this.#twin(digest, found.twin);
        });
        return unknown;
    }
    async #readDigest(digest, level) {
        const answer = await this.#ask(digest, { purpose: 'read-manifest' });
        if (!('is' in answer))
            return this.#take(answer, level);
        this.missing.set(digest, answer);
        // Referrers outlive what they refer to. Whether there is an API, a manifest that is there has to tell.
        if (answer.is === 'missing' && this.#referrersApi)
            await this.#referrersOf(digest, level);
    }
    async #take({ manifest, twin }, level) {
        if (twin !== undefined && twin !== manifest.digest && !this.twins.has(manifest.digest)) {
            this.#twin(manifest.digest, twin);
            await this.#take({ manifest: { ...manifest, digest: twin } }, level);
        }
        if (this.manifests.has(manifest.digest))
            return;
        this.manifests.set(manifest.digest, manifest);
        if (manifest.subject !== undefined)
            this.#refer(manifest.subject, manifest.digest);
        await Promise.all([this.#below(manifest, level), this.#referrersOf(manifest.digest, level)]);
    }
    async #below(manifest, level) {
        const open = manifest.children.filter(({ digest }) => !this.manifests.has(digest) && !this.missing.has(digest));
        if (open.length === 0)
            return;
        if (level >= LEVELS || this.manifests.size > MANIFESTS) {
            const why = `indexes are nested more than ${LEVELS} levels deep, or hold more than ${MANIFESTS} manifests`;
            for (const { digest } of open)
                this.missing.set(digest, { is: 'unreadable', why });
            return;
        }
        await Promise.all(open.map(({ digest }) => this.digest(digest, level + 1)));
    }
    async #referrersOf(subject, level) {
        if (this.#capabilities === undefined)
            return;
        if (level >= LEVELS || this.manifests.size > MANIFESTS) {
            this.referrersUnclear.set(subject, `they go on for more than ${LEVELS} levels`);
            return;
        }
        let listing;
        try {
            listing = await this.#capabilities.referrers(this.#repository, subject);
        }
        catch (error) {
            this.#referrersApi = true;
            this.referrersUnclear.set(subject, wireText(error));
            return;
        }
        if (listing.is === 'absent')
            return;
        this.#referrersApi = true;
        if (listing.is === 'unclear')
            this.referrersUnclear.set(subject, listing.why);
        else {
            await Promise.all(listing.digests.map((digest) => this.digest(digest, level + 1)));
            // An entry whose manifest is gone needs nothing and serves nothing.
            for (const digest of listing.digests) {
                if (this.missing.get(digest)?.is !== 'missing')
                    this.#refer(subject, digest);
            }
        }
    }
    #refer(subject, referrer) {
        const list = this.referrers.get(subject) ?? [];
        if (!list.includes(referrer))
            this.referrers.set(subject, [...list, referrer]);
    }
    #twin(one, other) {
        this.twins.set(one, [...(this.twins.get(one) ?? []), other]);
        this.twins.set(other, [...(this.twins.get(other) ?? []), one]);
    }
    async #ask(reference, reading) {
        try {
            const first = await this.#client.manifest(this.#repository, reference, reading);
            if (!isUnknown(first))
                return read_judge(reference, first, this.#pool);
            // Another replica may know it, and some registries hide types that the Accept header does not list.
            const cacheBuster = this.#client.newCacheBuster();
            const again = { ...reading, fresh: true, accept: WIDER_ACCEPT, cacheBuster };
            const second = await this.#client.manifest(this.#repository, reference, again);
            return isPlainlyUnknown(first) && isPlainlyUnknown(second)
                ? { is: 'missing' }
                : read_judge(reference, second, this.#pool);
        }
        catch (error) {
            return { is: 'unreadable', why: wireText(error) };
        }
    }
}
function isPlainlyUnknown(response) {
    return cacheOf(response) === undefined && response.status === 404 && hasCode(response, 'MANIFEST_UNKNOWN');
}
/**
 * Judges an answer by status and by content: the bytes must hash to every digest under which they came.
 *
 * @param pool is looked into, and added to
 */
function read_judge(reference, response, pool) {
    const cache = response.redirected ? undefined : cacheOf(response);
    // What came for a digest is hashed. What a tag points to now, and what is missing, only the registry knows.
    if (cache !== undefined && (response.status !== 200 || parseDigest(reference) === undefined))
        return { is: 'unreadable', why: `the response comes out of a cache in front of the registry (${cache})` };
    if (response.status !== 200)
        return { is: 'unreadable', why: `it was answered with ${describe(response)}` };
    if (response.cut)
        return { is: 'unreadable', why: 'its body was cut off' };
    const bytes = hashedBytes(response.body);
    if (bytes === undefined)
        return { is: 'unreadable', why: 'it is a schema 1 manifest that is not well-formed' };
    const own = sha256(bytes);
    // A signed text that does not hash is no lie of the registry: 2.x signs it anew at each read.
    const lie = bytes === response.body ? 'lie' : 'unreadable';
    const named = parseDigest(reference);
    if (named !== undefined && !matches(named, bytes))
        return { is: lie, why: `the bytes that came for ${named} have the digest ${own}` };
    const header = response.headers.get('docker-content-digest')?.trim() ?? '';
    const stated = parseDigest(header);
    if (header !== '' && (stated === undefined || !matches(stated, bytes)))
        return { is: lie, why: 'the Docker-Content-Digest header does not fit the bytes' };
    const type = response.headers.get('content-type') ?? '';
    // Bytes are bytes: what has this digest was parsed before. Signatures in it are not hashed with it.
    const whole = bytes === response.body;
    const known = whole ? pool.manifest(named ?? own, type) : undefined;
    const manifest = known ?? parseManifest(response.body, type, named);
    if ('unusable' in manifest)
        return { is: 'unreadable', why: manifest.unusable };
    const twin = [own, stated].find((digest) => digest !== undefined && digest !== manifest.digest);
    const kept = known === undefined && whole ? pool.keep(manifest, type) : manifest;
    return { manifest: kept, ...(twin !== undefined && { twin }) };
}
/** @returns the text of a failure on the wire; cancellation and defects are thrown on, since they are no facts. */
function wireText(error) {
    if (error instanceof WireError && error.failure !== 'cancelled')
        return error.message;
    throw error;
}

;// CONCATENATED MODULE: ./src/survey/collect.ts








const LISTINGS = 3;
/** Surveys one repository and can look at it again later: reads only, decides nothing. */
class Surveyor {
    #scope;
    #hidden;
    /** Tags that the registry goes on listing after their manifest was deleted. */
    #dangling = new Set();
    #reader;
    constructor(scope) {
        this.#scope = scope;
        this.#reader = this.#newReader();
        this.#hidden = new HiddenTags(scope.client, scope.repository, scope.width);
    }
    /**
     * Lists the tags, and finds those that the list hides.
     *
     * @param pastCaches whether to send queries that no cache knows
     * @throws ListError, WireError
     */
    async list(pastCaches = false) {
        const listed = await listTags(this.#scope.client, this.#scope.repository, pastCaches);
        return [...listed, ...(await this.#hidden.behind(listed, pastCaches))];
    }
    /** What is to be said of the newest list, a sentence each. */
    get remarks() {
        const { found, unasked } = this.#hidden;
        const { repository } = this.#scope;
        const remarks = [];
        if (found.length > 0)
            remarks.push(`the tag list of ${repository} hides ${found.length} of its tags, which were found all the same`);
        if (unasked > 0)
            remarks.push(`the tag list of ${repository} may leave tags out, as distribution 3.1.1 on S3 does: hidden tags were not looked for behind ${unasked} of its tags. Name tags that must stay in \`protected-tags\``);
        return remarks;
    }
    /**
     * Reads every listed tag, every named one, all manifests below them, and probes deletion.
     *
     * @param listed what `list` returned
     * @param target what was named
     * @throws ListError, WireError where the registry as a whole does not answer
     */
    async survey(listed, target) {
        const deletion = this.#deletion();
        deletion.catch(() => undefined);
        const facts = await this.read(listed, target);
        const twinsUnclear = await this.#twinsOf(target, facts);
        return { ...facts, ...(await deletion), twinsUnclear };
    }
    /**
     * Reads every listed tag, every named one, and all manifests below them.
     *
     * @throws ListError, WireError where the registry as a whole does not answer
     */
    async read(listed, target) {
        const named = (target?.tags ?? []).map(({ tag }) => tag);
        const asked = [...named, ...this.#scope.protectedNames];
        const tags = await this.#read(new Set([...listed, ...asked]));
        const roots = target === undefined ? [] : rootsOf(target);
        await each(roots, this.#scope.width, (digest) => this.#reader.digest(digest));
        // A tag that resolves must be in its own list: one that is not shows that the list leaves tags out.
        let list = listed;
        const unlisted = (tag) => tags.get(tag)?.is === 'resolved' && !list.includes(tag);
        const isHidden = (tag) => unlisted(tag) && this.#hidden.suspect(tag, list);
        // Each of them is looked at: any one of them can show that the list hides tags.
        const lacks = () => asked.filter(isHidden).length > 0 || named.some(unlisted);
        for (let listings = 1; listings < LISTINGS && lacks(); listings++) {
            list = await this.list();
            const found = await this.#read(new Set(list.filter((tag) => !tags.has(tag))));
            for (const [tag, state] of found)
                tags.set(tag, state);
        }
        return this.#facts(this.#withoutLeftovers(list, tags), tags);
    }
    /**
     * Adds to what was read what only those repositories are asked for in which something goes: whether that is possible.
     *
     * @param target what was selected
     * @param labels whether of some tags the label alone goes
     * @throws WireError
     */
    async complete(facts, target, labels) {
        const { capabilities, repository } = this.#scope;
        const [deletion, twinsUnclear] = await Promise.all([this.#deletion(), this.#twinsOf(target, facts)]);
        const untagging = labels && deletion.untagging === undefined
            ? { untagging: await capabilities.untagging(repository) }
            : {};
        return { ...facts, ...deletion, ...untagging, twinsUnclear };
    }
    /** @returns when the images of these roots were created. @throws WireError only when the run is to stop */
    created(roots, facts) {
        return readCreated(roots, facts, this.#scope);
    }
    /** What refers to an image does not matter where the image stays. */
    #newReader(known) {
        const { client, capabilities, repository, labels } = this.#scope;
        return new Reader(client, labels ? undefined : capabilities, repository, known);
    }
    async #deletion() {
        const { capabilities, repository, labels } = this.#scope;
        if (!labels)
            return capabilities.deletion(repository);
        const untagging = await capabilities.untagging(repository);
        const deletion = untagging.is === 'possible' ? { is: 'on' } : untagging.deletion;
        return { manifestDeletion: deletion, blobDeletion: deletion, untagging };
    }
    async #twinsOf(target, { tags }) {
        if (this.#scope.labels)
            return [];
        return this.#readTwins(this.#blobsOf(target, tags));
    }
    /**
     * Reads the twins of blobs that go, and those of others that may be the same bytes: of the same size, or of none that
     * is written. Where a registry has one copy, the blob of a tag that stays goes by its other name.
     */
    #readTwins(going) {
        const sizes = new Set();
        const long = [];
        for (const { blobs } of this.#reader.manifests.values())
            for (const blob of blobs) {
                if (going.has(blob.digest))
                    sizes.add(blob.size);
                if (blob.digest.startsWith('sha512:'))
                    long.push(blob);
            }
        const alike = long.filter(({ size }) => size === undefined || sizes.has(undefined) || sizes.has(size));
        const twins = alike.map(({ digest }) => digest);
        return this.#reader.twinsOf(new Set([...going, ...twins]), this.#scope.width);
    }
    /** The blobs of everything that was named, and of whatever is attached to it by reference or by a tag's name. */
    #blobsOf(target, tags) {
        const roots = new Set(rootsOf(target));
        const named = new Set(target.tags.map(({ tag }) => tag));
        const belonging = new Map();
        for (const [tag, state] of tags) {
            if (state.is !== 'resolved')
                continue;
            if (named.has(tag))
                roots.add(state.digest);
            const key = subjectKey(tag);
            if (key === undefined)
                continue;
            const list = belonging.get(key);
            if (list === undefined)
                belonging.set(key, [state.digest]);
            else
                list.push(state.digest);
        }
        const blobs = new Set(target.blobs);
        // A Set hands out entries that are added while it is walked.
        for (const digest of roots) {
            const { manifests, referrers, twins } = this.#reader;
            const manifest = manifests.get(digest);
            for (const blob of manifest?.blobs ?? [])
                blobs.add(blob.digest);
            const more = [
                ...(manifest?.children ?? []).map((child) => child.digest),
                ...(referrers.get(digest) ?? []),
                ...(twins.get(digest) ?? []),
                ...(belonging.get(keyOf(digest)) ?? []),
            ];
            for (const each of more)
                roots.add(each);
        }
        return blobs;
    }
    /**
     * Looks again: lists anew, reads what is new and what must be certain. Manifests that are known are not read again.
     *
     * @param before what was known
     * @param which `new`: tags that came; `going`: these, the tags that go, and those that did not resolve; `all`: every
     *   tag but those that go and are no longer listed; `end`: these, and what came to refer to what goes
     * @param plan the tags and manifests that the plan takes away
     * @param asked tags that are read in any case, listed or not
     * @throws ListError, WireError
     */
    async look(before, which, plan, asked = []) {
        this.#reader = this.#newReader(this.#reader);
        const going = plan.tags;
        let listed = await this.#listOrNothing(before, going, which);
        const whole = which === 'all' || which === 'end';
        const isWanted = (tag) => whole || !before.tags.has(tag) || (which === 'new' && plan.removed.has(tag));
        const wanted = new Set(listed.filter(isWanted));
        for (const [tag, { is }] of which === 'new' ? [] : before.tags) {
            if (which === 'going' ? going.has(tag) || is !== 'resolved' : !going.has(tag))
                wanted.add(tag);
        }
        for (const tag of asked)
            wanted.add(tag);
        const tags = await this.#read(wanted);
        if (this.#isDoubtful(listed, tags, plan)) {
            listed = await this.#listOrNothing(before, going, which, true);
            const open = listed.filter((tag) => (isWanted(tag) && !tags.has(tag)) || plan.untagged.has(tag));
            for (const [tag, state] of await this.#read(new Set(open)))
                tags.set(tag, state);
            this.#judge(listed, tags, plan);
        }
        listed = this.#withoutLeftovers(listed, tags, before);
        const subjects = new Set(whole ? this.#remaining(tags, going) : []);
        if (which === 'going' || which === 'end')
            for (const digest of plan.manifests)
                subjects.add(digest);
        await this.#reader.refer(subjects, this.#scope.width);
        const blobs = [...plan.manifests].flatMap((digest) => this.#reader.manifests.get(digest)?.blobs ?? []);
        if (blobs.length > 0)
            await this.#readTwins(new Set(blobs.map(({ digest }) => digest)));
        if (!whole)
            for (const [tag, state] of before.tags)
                if (!tags.has(tag))
                    tags.set(tag, state);
        return this.#facts(listed, tags);
    }
    /** Every manifest that a tag which stays reaches. */
    #remaining(tags, going) {
        const roots = [...tags].flatMap(([tag, state]) => state.is === 'resolved' && !going.has(tag) ? [state.digest] : []);
        return reach(roots, this.#reader, true).manifests;
    }
    /** @returns whether a list names tags that this run took away, and that do not resolve */
    #isDoubtful(listed, tags, plan) {
        return listed.some((tag) => tags.get(tag)?.is === 'unknown' &&
            (plan.untagged.has(tag) || (plan.dropped.has(tag) && !this.#dangling.has(tag))));
    }
    /**
     * Judges a list that was asked for past caches since the one before it was doubtful. A tag that was deleted by name is
     * on no list. One whose manifest was deleted can be (Nexus, 2.x on S3): that is believed if another tag that this run
     * took away is gone from the list, which shows that it is the list of now.
     *
     * @throws StaleList
     */
    #judge(listed, tags, plan) {
        const named = new Set(listed);
        const isLive = [...plan.dropped, ...plan.untagged].some((tag) => !named.has(tag));
        for (const tag of listed) {
            if (tags.get(tag)?.is !== 'unknown')
                continue;
            if (plan.untagged.has(tag))
                throw new StaleList(this.#scope.repository, `names ${tag}, which this run deleted and which is gone`);
            if (plan.dropped.has(tag) && !isLive && !plan.explained.has(tag))
                throw new StaleList(this.#scope.repository, `names ${tag}, whose manifest this run deleted and which is gone, and nothing shows that it is the list of now`);
            if (plan.dropped.has(tag))
                this.#dangling.add(tag);
        }
    }
    /** Leaves out names that only the search for hidden tags brought up and that do not resolve, nor ever did. */
    #withoutLeftovers(listed, tags, before) {
        const found = new Set(this.#hidden.found);
        const isLeftover = (tag) => found.has(tag) && tags.get(tag)?.is === 'unknown' && before?.tags.get(tag)?.is !== 'resolved';
        for (const tag of found)
            if (isLeftover(tag) && before?.tags.has(tag) !== true)
                tags.delete(tag);
        return listed.filter((tag) => !found.has(tag) || tags.has(tag));
    }
    /**
     * Some registries forget a repository with its last tag. Where others must be there, that is no answer. Hidden tags are
     * looked for unless only what is new matters: then those that were found before are taken to be there.
     */
    async #listOrNothing(before, going, which, pastCaches = false) {
        try {
            // Where no tag goes, no list can be told to be stale by what it still names.
            const past = pastCaches || going.size === 0;
            if (which !== 'new')
                return await this.list(past);
            const listed = new Set(await listTags(this.#scope.client, this.#scope.repository, past));
            for (const tag of this.#hidden.found)
                if (!going.has(tag))
                    listed.add(tag);
            return [...listed];
        }
        catch (error) {
            if (!(error instanceof UnknownRepository))
                throw error;
            if ([...before.tags].some(([tag, { is }]) => !going.has(tag) && is === 'resolved'))
                throw error;
            return [];
        }
    }
    /** Asks for one tag, on its own. @throws WireError only when the run is to stop */
    tag(tag) {
        return this.#reader.tag(tag);
    }
    async #read(wanted) {
        const list = [...wanted];
        const { width, progress } = this.#scope;
        const states = await counted(progress, 'tags read', list, width, (tag) => this.#reader.tag(tag));
        return new Map(list.map((tag, at) => [tag, states[at]]));
    }
    #facts(listed, tags) {
        const { manifests, missing, referrers, referrersUnclear, twins } = this.#reader;
        return {
            repository: this.#scope.repository,
            listed,
            tags,
            manifests,
            missing,
            referrers,
            referrersUnclear,
            twins,
        };
    }
}
function rootsOf(target) {
    const pinned = target.tags.flatMap(({ digest }) => (digest === undefined ? [] : [digest]));
    return [...new Set([...target.digests, ...pinned])];
}

;// CONCATENATED MODULE: ./src/flow/repository.ts






/** @returns what surveys one repository */
function surveyorOf(repository, settings, { client, capabilities, progress }) {
    return new Surveyor({
        client,
        capabilities,
        repository,
        labels: settings.scope === 'tag',
        protectedNames: settings.protectedNames,
        width: settings.concurrency,
        progress,
    });
}
/**
 * Surveys one repository.
 *
 * @returns what is there, or why nothing can be told of it
 * @throws Stopped, and WireError where the registry as a whole does not answer
 */
async function survey(named, settings, ports) {
    const { clock, narrator } = ports;
    const { repository } = named;
    const from = clock.now();
    const surveyor = surveyorOf(repository, settings, ports);
    try {
        const listed = await listKnown(surveyor, named, narrator);
        narrator.begin(repository, 'Resolve');
        const read = await surveyor.survey(listed ?? [], named);
        const facts = listed === undefined ? { ...read, forgotten: true } : read;
        for (const { tag } of named.tags) {
            const state = facts.tags.get(tag);
            narrator.note(`${repository}:${tag} ${state?.is === 'resolved' ? `→ ${state.digest}` : 'does not resolve'}`);
        }
        narrator.end(repository, 'Resolve', `${count(facts.tags.size, 'tag')} on ${count(facts.manifests.size, 'manifest')} read; ${possible(facts)}`);
        return { surveyor, survey: facts, target: named, surveyed: { from, to: clock.now() } };
    }
    catch (error) {
        narrator.close();
        if (error instanceof WireError && error.failure === 'cancelled')
            throw new Stopped();
        if (error instanceof ListError)
            return error.message;
        throw error;
    }
}
/** @returns undefined if the registry does not know the repository, and nothing has to be looked up by its tag */
async function listKnown(surveyor, { repository, tags }, narrator) {
    try {
        return await repository_list(surveyor, repository, narrator);
    }
    catch (error) {
        const pinned = tags.every(({ digest }) => digest !== undefined);
        if (!(error instanceof UnknownRepository) || !pinned)
            throw error;
        narrator.end(repository, 'List tags', `the registry does not know ${repository}, so it has no tags`);
        return undefined;
    }
}
/** Lists the tags, as a step of its own. @throws ListError, WireError */
async function repository_list(surveyor, repository, narrator) {
    narrator.begin(repository, 'List tags');
    const listed = await surveyor.list();
    narrator.note(listed.length === 0 ? 'no tags' : some(listed, 50));
    for (const remark of surveyor.remarks)
        narrator.note(remark);
    narrator.end(repository, 'List tags', `${repository} has ${count(listed.length, 'tag')}`);
    return listed;
}
/** @returns what a survey found out about deletion, in words */
function possible({ manifestDeletion, blobDeletion, untagging }) {
    if (untagging === undefined)
        return `deletion of manifests is ${manifestDeletion.is}, of blobs ${blobDeletion.is}`;
    return `removal of a label is ${untagging.is}`;
}
/**
 * Milliseconds after which a survey was made of a registry that may look otherwise by now, besides the time that it took
 * itself: to read everything once more takes as long, and would be no fresher.
 */
const FRESH = 10_000;
/**
 * Purges one repository. What goes wrong there is its own.
 *
 * @param entry the repository's part of the report
 * @throws Stopped, and defects
 */
async function purge({ surveyor, surveyed: { from, to }, ...known }, repositoryPlan, entry, { settings, rules, ports, sensitive, several, wrote }) {
    const { client, capabilities, clock, random, narrator, record, progress } = ports;
    const aged = several || clock.now() - to > FRESH + (to - from);
    const tools = {
        client,
        surveyor,
        capabilities,
        clock,
        random,
        recorder: both(record, narrator, wrote),
        width: settings.concurrency,
        progress,
    };
    const work = new Work(repositoryPlan, known.survey, sensitive, tools);
    try {
        const execution = await execute(work, { ...known, rules, aged });
        if (execution.refused.length === 0)
            return { work, execution };
        entry.problems.push(...execution.refused);
        return { work };
    }
    catch (error) {
        if (work.wrote)
            entry.result = 'incomplete';
        if (!(error instanceof WireError || error instanceof ListError))
            throw error;
        if (error instanceof WireError && error.failure === 'cancelled')
            throw new Stopped();
        entry.problems.push(error.message);
        return { work };
    }
    finally {
        record.withdraw(repositoryPlan.repository);
    }
}
/** The file and the log are told alike, the file first. */
function both(record, narrator, wrote) {
    return {
        begin: (repository, step) => {
            narrator.begin(repository, step);
        },
        intend: (repository, intents) => record.intend(repository, intents),
        about: (repository, item) => {
            const failure = record.about(repository, item);
            if (failure !== undefined)
                narrator.note(failure);
            wrote();
            narrator.about();
        },
        withdraw: (repository) => record.withdraw(repository),
        done: (repository, done) => {
            record.done(repository, done);
            narrator.done(repository, done);
        },
        release: (repository, released) => {
            record.release(repository, released);
            narrator.release(repository, released);
        },
        note: (text) => narrator.note(text),
        end: (repository, step, summary) => {
            record.end(repository);
            narrator.end(repository, step, summary);
        },
    };
}

;// CONCATENATED MODULE: ./src/proof/controls.ts

const ENOUGH = 200;
/**
 * Finds what must be there while a purged digest is asked for: manifests of remaining tags, and their configs, since
 * one endpoint can fail without the other.
 *
 * @param absent what was asked for as a control and was not there, so it was broken before; it comes last
 * @param elsewhere what other repositories of the run purge: to read it here can bring it back there (redis up to 3.0.0)
 * @returns a function from the number of a round, and of clean ones before it, to its candidates: the endpoints by
 *   turns as the proof grows, so that no proof is made without a blob that answers
 */
function controlsFor(plan, facts, absent, elsewhere) {
    const manifests = new Set();
    const blobs = new Set();
    const going = new Set(elsewhere);
    for (const { digest } of [...plan.manifests, ...plan.blobs])
        going.add(digest);
    const purged = new Set(plan.tags.map(({ tag }) => tag));
    const remaining = [...facts.tags].flatMap(([tag, state]) => state.is === 'resolved' && !purged.has(tag) && !going.has(state.digest) ? [state.digest] : []);
    for (const digest of [...labelsOf(plan.tags).map(({ digest }) => digest), ...remaining]) {
        const root = facts.manifests.get(digest);
        // The digest of a signed schema 1 manifest is not that of its body, which a control is compared with.
        if (root?.kind === 'schema1' || going.has(digest))
            continue;
        manifests.add(digest);
        const images = [root, ...(root?.children ?? []).map(({ digest }) => facts.manifests.get(digest))];
        for (const image of images) {
            const config = image?.config?.digest;
            if (config !== undefined && !going.has(config))
                blobs.add(config);
        }
        if (manifests.size >= ENOUGH)
            break;
    }
    // Blobs first: where there is but one round, the manifests of remaining tags are read right after it anyway.
    const byKind = [
        [...blobs].map((digest) => ({ kind: 'blob', digest })),
        [...manifests].map((digest) => ({ kind: 'manifest', digest })),
    ];
    const kinds = byKind.filter((list) => list.length > 0);
    if (kinds.length === 0)
        return () => [{ kind: 'repository', empty: remaining.length === 0 }];
    const turned = (list, round) => {
        const start = round % list.length;
        const all = [...list.slice(start), ...list.slice(0, start)];
        const known = (control) => control.kind !== 'repository' && absent.has(control.digest);
        return [...all.filter((control) => !known(control)), ...all.filter(known)];
    };
    // Of the other kind only if those of one kind come out of a cache.
    return (round, clean) => {
        const first = clean % kinds.length;
        return [...kinds.slice(first), ...kinds.slice(0, first)].flatMap((list) => turned(list, round));
    };
}

;// CONCATENATED MODULE: ./src/proof/intact.ts





/**
 * Checks every remaining tag down to its last blob. Manifests are fetched and hashed. Blobs of the purged image, and
 * those of tags that `protected-tags` names plainly, are fetched by plain GET. The others, which no write of this run
 * names, are checked by HEAD (safety rule 8). A cached descriptor answers HEAD for bytes that are gone, so for the plainly
 * named tags the first bytes of each blob must arrive.
 *
 * What is missing and was named by no DELETE of this run was broken before, so remaining blobs need no reading before.
 *
 * @param plan what was planned
 * @param facts every tag as it is now, read after the last DELETE
 * @throws Stopped
 */
async function intact(client, plan, facts, { touched, sensitive, placeholders }, { width, progress }) {
    const needs = new Map();
    const roots = new Set([...facts.tags.values()].flatMap((state) => (state.is === 'resolved' ? [state.digest] : [])));
    const labelLost = new Set(labelsOf(plan.tags).map(({ digest }) => digest));
    // What no tag points at any more was not read in the last look.
    const manifests = new Set([...labelLost].filter((digest) => !roots.has(digest)));
    for (const digest of labelLost)
        roots.add(digest);
    const plain = plainlyNamed(plan, facts);
    const blobs = new Map();
    for (const root of roots) {
        const below = needsOf(root, facts);
        needs.set(root, below);
        for (const digest of below.manifests)
            if (!roots.has(digest))
                manifests.add(digest);
        for (const [digest, blob] of below.blobs) {
            const bytes = plain.has(root) || blobs.get(digest)?.bytes === true;
            blobs.set(digest, { blob, bytes });
        }
    }
    const pieces = new Map();
    await counted(progress, 'manifests checked', [...manifests], width, async (digest) => {
        pieces.set(digest, await manifestPiece(client, plan.repository, digest));
    });
    await counted(progress, 'blobs checked', [...blobs], width, async ([digest, check]) => {
        pieces.set(digest, await blobPiece(client, plan.repository, check, sensitive.has(digest)));
    });
    const problems = [];
    const asked = [...blobs.values()].filter(({ blob }) => !blob.foreign);
    if (asked.length > 0 && !asked.some(({ blob }) => pieces.get(blob.digest)?.is === 'there'))
        problems.push(`not one blob of the remaining tags of ${plan.repository} answers, so the registry no longer answers for what it must have, and its 404s prove nothing`);
    for (const digest of labelLost) {
        const lacking = lacks(needs.get(digest), pieces);
        if (lacking.length > 0)
            problems.push(`${plan.repository}@${digest}, of which only the label was to go, does not pull any more: ${lacking.map((each) => detailOf(pieces, each)).join(', ')}. Push it again under any tag if it has to stay`);
    }
    return intact_judge(plan, facts, { touched, placeholders }, needs, pieces, problems);
}
/** The manifests that tags point to now which `protected-tags` names plainly. */
function plainlyNamed(plan, facts) {
    const tags = plan.remaining.filter((each) => each.namedPlainly === true);
    return new Set(tags.flatMap(({ tag }) => {
        const state = facts.tags.get(tag);
        return state?.is === 'resolved' ? [state.digest] : [];
    }));
}
/** What of something did not answer as it must. */
function lacks(needs, pieces) {
    if (needs === undefined)
        return [];
    return [...needs.manifests, ...needs.blobs.keys()].filter((digest) => (pieces.get(digest)?.is ?? 'there') !== 'there');
}
/** What a pull of this manifest fetches. Digests that are merely written in an unknown kind are not fetched by one. */
function needsOf(root, facts) {
    const manifests = new Set([root]);
    const blobs = new Map();
    for (const digest of manifests) {
        const manifest = facts.manifests.get(digest);
        for (const child of manifest?.children ?? [])
            manifests.add(child.digest);
        for (const blob of manifest?.blobs ?? [])
            blobs.set(blob.digest, blob);
    }
    return { manifests, blobs };
}
function intact_judge(plan, facts, { touched, placeholders }, needs, pieces, problems) {
    const remaining = [];
    const warnings = [];
    const purged = new Map(plan.tags.map(({ tag, digest }) => [tag, digest]));
    const before = new Map(plan.remaining.map((each) => [each.tag, each]));
    for (const tag of [...new Set([...before.keys(), ...facts.tags.keys()])].sort()) {
        const known = before.get(tag);
        const state = facts.tags.get(tag);
        const isNamed = purged.has(tag);
        if (isNamed && (state?.is !== 'resolved' || state.digest === purged.get(tag)))
            continue;
        if (isNamed && state?.is === 'resolved' && placeholders.has(state.digest))
            continue;
        if (known === undefined && (state === undefined || state.is === 'unknown'))
            continue;
        const name = `${plan.repository}:${tag}`;
        const end = (verdict, detail) => {
            const digest = state?.is === 'resolved' ? state.digest : known?.digest;
            remaining.push({
                tag,
                verdict,
                protected: known?.protected ?? false,
                ...(digest !== undefined && { digest }),
                ...(detail !== undefined && { detail }),
            });
            if (verdict === 'broken' || verdict === 'removed')
                problems.push(`${name}, which should have stayed, ${detail}`);
            else if (verdict === 'broken-before' && known?.protected === true)
                problems.push(`${name} is in protected-tags and does not pull: it ${detail}`);
            else if (verdict !== 'intact')
                warnings.push(`${name} ${detail}`);
        };
        if (state === undefined || state.is === 'unknown') {
            if (known?.digest === undefined)
                end('broken-before', 'dangled before this run: its manifest is unknown');
            else
                end('removed', 'is gone now');
        }
        else if (state.is === 'unreadable' && plan.ignored.has(tag))
            end('broken-before', `could not be read before this run, and cannot be read now: ${state.why}`);
        else if (state.is !== 'resolved')
            end('broken', `could not be read at the end: ${state.why}`);
        else {
            const bad = lacks(needs.get(state.digest), pieces);
            const same = known?.digest === state.digest;
            const ours = bad.find((digest) => touched.has(digest));
            const unclear = bad.find((digest) => pieces.get(digest)?.is === 'unclear' && !plan.ignored.has(digest));
            if (bad.length === 0 && (same || (known === undefined && !isNamed)))
                end('intact');
            else if (bad.length === 0)
                end('moved', `was moved to ${state.digest} by somebody else, which pulls completely`);
            else if (ours !== undefined)
                end('broken', `lacks ${ours}, which this run deleted`);
            else if (unclear !== undefined)
                end('broken', `could not be checked: ${detailOf(pieces, unclear)}`);
            else if (same && bad.some((digest) => facts.manifests.has(digest)))
                end('broken', `lacks ${bad.join(', ')}: what this run read when it began is missing now, though no DELETE of it was for that`);
            else if (same)
                end('broken-before', `lacks ${bad.join(', ')}, which this run never named: it was broken before`);
            else
                end('broken', `was pushed during this run and lacks ${bad.join(', ')}`);
        }
    }
    return { remaining, problems, warnings };
}
function detailOf(pieces, digest) {
    const piece = pieces.get(digest);
    return piece === undefined || piece.is === 'there' ? digest : `${digest} ${piece.detail}`;
}
async function manifestPiece(client, repository, digest) {
    return twice((fresh) => client.manifest(repository, digest, { purpose: 'read-manifest', fresh }), (response) => matches(digest, hashedBytes(response.body) ?? response.body) ? undefined : 'came with other bytes');
}
async function blobPiece(client, repository, { blob, bytes }, sensitive) {
    const { digest, size, foreign } = blob;
    const reading = (fresh) => ({ purpose: 'check-blob', fresh });
    const flaw = (response) => {
        const length = response.headers.get('content-length');
        if (size !== undefined && length !== undefined && Number(length) !== size)
            return `has ${length} bytes, not ${size}`;
        return undefined;
    };
    const flawOfBytes = (response) => {
        if (response.ended === true || matches(digest, response.body))
            return flaw(response);
        return response.body.length === 0 ? WITHOUT_CONTENT : 'came with other bytes';
    };
    const get = () => twice((fresh) => client.blob(repository, digest, { ...reading(fresh), firstBytes: bytes }), flawOfBytes);
    let piece;
    if (sensitive || bytes)
        piece = await get();
    else {
        piece = await twice((fresh) => client.blobHead(repository, digest, reading(fresh)), flaw);
        // Some storage behind a redirect takes a GET only, and some registries tell no length here.
        if (piece.is !== 'there')
            piece = await get();
    }
    return foreign && piece.is === 'missing' && piece.gone ? { is: 'there' } : piece;
}
/** A cached descriptor of content that is gone looks like this. */
const WITHOUT_CONTENT = 'came as headers without content';
/** Asks again on a connection of its own before it believes that something is not there. */
async function twice(ask, flaw) {
    let piece = { is: 'there' };
    for (const fresh of [false, true]) {
        try {
            const response = await ask(fresh);
            if (response.status === 200) {
                const cut = response.body.length === 0 ? WITHOUT_CONTENT : 'was cut off';
                const wrong = response.cut ? cut : flaw(response);
                if (wrong === undefined)
                    return { is: 'there' };
                piece = { is: 'missing', detail: wrong, gone: false };
            }
            else if (isGone(response))
                piece = { is: 'missing', detail: `is answered with ${describe(response)}`, gone: true };
            else
                return { is: 'unclear', detail: `is answered with ${describe(response)}` };
        }
        catch (error) {
            if (!(error instanceof WireError))
                throw error;
            if (error.failure === 'cancelled')
                throw new Stopped();
            return { is: 'unclear', detail: error.message };
        }
    }
    return piece;
}

;// CONCATENATED MODULE: ./src/proof/asking.ts

/** @returns how a request of the proof is sent: on a connection of its own, and again if the response proves nothing */
function readingFor({ timeout, until, cacheBuster }, purpose) {
    return {
        purpose,
        fresh: true,
        look: true,
        timeout,
        ...(until !== undefined && { until }),
        ...(cacheBuster !== undefined && { cacheBuster }),
    };
}
/** @returns the response, or why none came @throws Stopped */
async function answer(asked) {
    try {
        return await asked;
    }
    catch (error) {
        if (!(error instanceof WireError))
            throw error;
        if (error.failure === 'cancelled')
            throw new Stopped();
        return error.message;
    }
}

;// CONCATENATED MODULE: ./src/proof/last.ts





/** A front that takes no ranges serves nothing by them. */
const NO_RANGES = new Set([400, 405, 406, 501]);
const PASSING = new Set([408, 425, 429, 502, 503, 504]);
/** How often a question is asked that gets no telling response. */
const last_TRIES = 3;
/**
 * Asks once for purged blobs on `/manifests/`, where a registry may serve the same digest. Only a 200 counts: 2.8
 * answers 500 to the digest of a layer there. Nothing is ever deleted there by such a digest (safety rule 8).
 *
 * @param blobs those whose media type is no known layer's or config's
 * @throws Stopped
 */
async function askAsManifests(asking, blobs) {
    const reading = { ...readingFor(asking, 'last-check'), once: true };
    return ask(asking, blobs, (digest) => asking.client.manifest(asking.repository, digest, reading), {
        answers: ({ status }) => status === 200,
        tells: ({ status }) => !PASSING.has(status),
    });
}
/**
 * Asks for the first byte of each purged blob. zot with `dedupe` answers it from another repository although a plain GET
 * is 404, and serves the blob from then on.
 *
 * @param never how the registry says on `/blobs/` that something is not there which never existed
 * @throws Stopped
 */
async function askByRange(asking, blobs, never) {
    const { client, repository, random } = asking;
    const reading = readingFor(asking, 'last-check');
    let other;
    /** Some have other words for a range than for the whole. */
    const neverByRange = async () => {
        const digest = `sha256:${random.hex(32)}`;
        const response = await answer(client.blobByRange(repository, digest, reading));
        return typeof response === 'string' ? undefined : absenceOf(response);
    };
    let cached = false;
    const send = (digest) => client.blobByRange(repository, digest, cached ? { ...reading, cacheBuster: random.hex(8) } : reading);
    return ask(asking, blobs, send, {
        answers: ({ status, redirected }) => redirected || status < 400 || status === 416,
        tells: async (response) => {
            if (NO_RANGES.has(response.status))
                return true;
            const how = absenceOf(response);
            if (how === undefined)
                return false;
            if (cacheOf(response) !== undefined) {
                cached = true;
                return false;
            }
            if (never !== undefined && sameAbsence(how, never))
                return true;
            const its = await (other ??= neverByRange());
            return its !== undefined && sameAbsence(how, its);
        },
    });
}
async function ask(asking, blobs, send, { answers, tells }) {
    const found = [];
    await each(blobs, asking.width, async (digest) => {
        let how = '';
        for (let tries = 0; tries < last_TRIES; tries++) {
            const response = await answer(send(digest));
            how = typeof response === 'string' ? response : describe(response);
            if (typeof response === 'string')
                continue;
            if (answers(response))
                return void found.push({ digest, how, unclear: false });
            if (await tells(response))
                return;
        }
        found.push({ digest, how, unclear: true });
    });
    return found.sort((one, other) => (one.digest < other.digest ? -1 : 1));
}

;// CONCATENATED MODULE: ./src/registry/time.ts
/** @returns a new array with the same entries in random order. */
function shuffled(list, random) {
    const all = [...list];
    for (let at = all.length - 1; at > 0; at--) {
        const other = random.int(at + 1);
        [all[at], all[other]] = [all[other], all[at]];
    }
    return all;
}

;// CONCATENATED MODULE: ./src/proof/control.ts





/** A control that is not there may itself have been broken before: this many are tried in a round. */
const CONTROLS = 3;
/**
 * The positive control: asks for something that must be there, with the same credentials.
 *
 * @param controls candidates, the preferred one first
 * @param absent takes in the candidates that were not there
 * @returns why the control failed, or undefined
 * @throws Stopped
 */
async function askControl(asking, controls, absent) {
    let failure = 'there was nothing to ask for';
    const tried = { manifest: 0, blob: 0, repository: 0 };
    for (const candidate of controls) {
        if (++tried[candidate.kind] > CONTROLS)
            continue;
        if (candidate.kind === 'repository')
            return askRepository(asking, candidate.empty);
        const what = `${candidate.kind} ${candidate.digest}`;
        const response = await pastCache(asking, (how) => askFor(how, candidate.kind, candidate.digest));
        if (typeof response === 'string')
            return `the control was not answered: ${response}`;
        // Behind a redirect it is the storage's cache: the registry itself has answered.
        const cache = response.redirected ? undefined : cacheOf(response);
        if (cache !== undefined) {
            failure = `the control, ${what}, comes out of a cache in front of the registry (${cache}), so it does not show that the registry answers`;
            continue;
        }
        if (response.status === 200 && !response.cut) {
            if (response.body.length === 0 || matches(candidate.digest, response.body))
                return undefined;
            return `the control, ${what}, came with other bytes`;
        }
        failure = `the control, ${what}, which must be there, was answered with ${describe(response)}`;
        if (!isGone(response))
            return failure;
        absent.push(candidate.digest);
        if (absent.length === CONTROLS)
            return failure;
    }
    return failure;
}
/**
 * Where nothing remains: the registry takes the credentials at its base, and the tag list is a list. An object store has
 * no empty folders, so there the list of a repository whose last tag is gone is unknown.
 */
async function askRepository(asking, empty) {
    const { client, repository } = asking;
    const list = await pastCache(asking, (how) => client.tagPage(repository, undefined, readingFor(how, 'control')));
    if (typeof list === 'string')
        return `the control was not answered: ${list}`;
    const cache = cacheOf(list);
    if (cache !== undefined)
        return `the control, the tag list, comes out of a cache (${cache})`;
    if (!(empty && isAbsentRepository(list))) {
        if (list.status !== 200 || list.cut)
            return `the control, the tag list, was answered with ${describe(list)}`;
        if (tagsOnPage(list.body) === undefined)
            return 'the control, the tag list, is no tag list';
    }
    const base = await pastCache(asking, (how) => client.base(readingFor(how, 'control')));
    if (typeof base === 'string')
        return `the control was not answered: ${base}`;
    return base.status === 200 ? undefined : `the control, /v2/, was answered with ${describe(base)}`;
}
/** Asks once more with a query that no cache knows if the response comes out of one. */
async function pastCache(asking, ask) {
    const response = await answer(ask(asking));
    if (typeof response === 'string' || cacheOf(response) === undefined)
        return response;
    return answer(ask({ ...asking, cacheBuster: asking.random.hex(8) }));
}
function askFor(asking, kind, digest) {
    const { client, repository } = asking;
    const reading = readingFor(asking, 'control');
    return kind === 'manifest'
        ? client.manifest(repository, digest, reading)
        : client.blob(repository, digest, reading);
}

;// CONCATENATED MODULE: ./src/proof/finding.ts




/**
 * Asks for one item on one endpoint. If the 404 comes out of a cache it is asked for once more with a query that the
 * cache does not know.
 *
 * @param lost takes in the failures that came before the response
 * @throws Stopped
 */
async function see(asking, item, endpoint, lost) {
    const { client, repository, random } = asking;
    const reading = readingFor(asking, 'verify');
    const ask = (cacheBuster) => {
        const how = cacheBuster === undefined ? reading : { ...reading, cacheBuster };
        return answer(item.kind === 'tag' || endpoint === 'manifests'
            ? client.manifest(repository, item.name, how)
            : client.blob(repository, item.name, how));
    };
    let response = await ask();
    if (typeof response !== 'string' && absenceOf(response) !== undefined && cacheOf(response) !== undefined)
        response = await ask(random.hex(8));
    if (typeof response !== 'string' && response.lost !== undefined)
        lost.push(response.lost);
    return finding_judge(response, endpoint);
}
/** @param response to a GET, or why none came */
function finding_judge(response, endpoint) {
    if (typeof response === 'string')
        return { is: 'inconclusive', detail: response };
    const how = absenceOf(response);
    const cache = cacheOf(response);
    if (how !== undefined && cache !== undefined)
        return {
            is: 'inconclusive',
            detail: `the ${how.status} comes out of a cache in front of the registry (${cache}), so it says nothing about the registry: purge that cache`,
        };
    if (how !== undefined)
        return { is: 'absent', how };
    if (response.redirected)
        return {
            is: 'present',
            endpoint,
            detail: 'the registry still knows it, although its storage has no such content',
        };
    if (response.status < 200 || response.status > 299)
        return { is: 'inconclusive', detail: describe(response) };
    const stale = response.cut ? ', headers without content (a stale entry in a cache of the registry)' : '';
    const from = cache === undefined ? '' : `, from a cache in front of the registry (${cache}): purge that cache`;
    return { is: 'present', endpoint, detail: `${response.status}${stale}${from}` };
}
/**
 * @param never how the registry says that something is not there which never existed
 * @returns `gone` if the item is absent in the same way, else what was seen
 */
function finding_compare(seen, never) {
    if (seen.is !== 'absent')
        return seen;
    if (sameAbsence(seen.how, never))
        return { is: 'gone' };
    return {
        is: 'inconclusive',
        detail: `its 404 (${describeAbsence(seen.how)}) differs from the one for a digest that never existed (${describeAbsence(never)}): something between this runner and the registry may answer in its place`,
    };
}
/** @returns the worse of what two endpoints told of one item */
function worse(one, other) {
    if (one === undefined || one.is === 'gone')
        return other;
    if (other.is === 'gone' || one.is === 'present') {
        // If both endpoints answer, the manifest is deleted first: a blob entry may only mirror it.
        return other.is === 'present' && other.endpoint === 'manifests' ? other : one;
    }
    return other;
}

;// CONCATENATED MODULE: ./src/proof/never.ts




/**
 * The negative control: asks for a random digest, which never existed, on one endpoint. A 404 for a purged digest is the
 * registry's own if this one is answered in the same way.
 *
 * @returns how the registry says that something is not there, or why that cannot be told
 * @throws Stopped
 */
function neverDigest(asking, endpoint) {
    const digest = `sha256:${asking.random.hex(32)}`;
    return never_ask(asking, endpoint, digest);
}
/** The same for a random tag: some registries have other words for those. @throws Stopped */
function neverTag(asking) {
    return never_ask(asking, 'manifests', `registry-purge-never-${asking.random.hex(16)}`);
}
async function never_ask(asking, endpoint, name) {
    const { client, repository } = asking;
    const reading = readingFor(asking, 'control');
    const response = await answer(endpoint === 'manifests'
        ? client.manifest(repository, name, reading)
        : client.blob(repository, name, reading));
    if (typeof response === 'string')
        return `the comparison on /${endpoint}/ was not answered: ${response}`;
    const how = absenceOf(response);
    const cache = cacheOf(response);
    if (how !== undefined && cache === undefined)
        return how;
    const what = cache === undefined ? describe(response) : `${describe(response)} out of a cache (${cache})`;
    return `the registry answered ${what} for a random digest on /${endpoint}/, so a 404 there proves nothing`;
}

;// CONCATENATED MODULE: ./src/proof/round.ts





/**
 * Asks for each item, as a stranger would: a connection of its own for every request, in random order, with two controls
 * among them: something that must be there, and on each endpoint a digest that never existed. A manifest is asked for on
 * both endpoints. What proves nothing either way (429, 5xx, a reset) is asked again a few times, each time on another
 * connection: without that a registry that loses some responses could not be proven clean at all.
 *
 * @param controls candidates for what must be there, the preferred one first
 * @throws Stopped
 */
async function askRound(asking, items, controls) {
    const looks = [];
    const all = [];
    const never = new Map();
    let controlFailed;
    const controlsAbsent = [];
    const lost = [];
    const used = new Set();
    for (const item of items)
        for (const endpoint of endpointsOf(item)) {
            used.add(endpoint);
            looks.push(async () => void all.push({ item, endpoint, seen: await see(asking, item, endpoint, lost) }));
        }
    for (const endpoint of used)
        looks.push(async () => void never.set(endpoint, await neverDigest(asking, endpoint)));
    looks.push(async () => {
        controlFailed = await askControl(asking, controls, controlsAbsent);
    });
    await counted(asking.progress, 'looks made', shuffled(looks, asking.random), asking.width, (run) => run());
    const findings = new Map();
    const answers = new Map();
    const comparison = new Comparison(asking, never);
    for (const { item, endpoint, seen } of all) {
        const finding = await comparison.judge(item, endpoint, seen);
        findings.set(item.name, worse(findings.get(item.name), finding));
        const counts = answers.get(item.name) ?? { all: 0, present: 0 };
        if (finding.is !== 'inconclusive')
            counts.all++;
        if (finding.is === 'present')
            counts.present++;
        answers.set(item.name, counts);
    }
    controlFailed ??= comparison.failed;
    const onBlobs = never.get('blobs');
    return {
        ...(typeof onBlobs === 'object' && { never: onBlobs }),
        findings,
        answers,
        lost,
        controlsAbsent,
        ...(controlFailed !== undefined && { controlFailed }),
    };
}
function endpointsOf({ kind }) {
    return kind === 'blob' ? ['blobs'] : kind === 'tag' ? ['manifests'] : ['manifests', 'blobs'];
}
/** Compares what is absent with what never existed. */
class Comparison {
    #asking;
    #never;
    #tag;
    /** Why nothing can be compared; undefined as long as it can. */
    failed;
    constructor(asking, never) {
        this.#asking = asking;
        this.#never = never;
        for (const each of never.values())
            if (typeof each === 'string')
                this.failed ??= each;
    }
    /** @throws Stopped */
    async judge(item, endpoint, seen) {
        const never = this.#never.get(endpoint);
        if (seen.is !== 'absent')
            return seen;
        // The reason stands in `failed`: no 404 of this round counts.
        if (never === undefined || typeof never === 'string')
            return { is: 'gone' };
        const finding = finding_compare(seen, never);
        if (item.kind !== 'tag' || finding.is === 'gone')
            return finding;
        const tag = await (this.#tag ??= neverTag(this.#asking));
        return typeof tag === 'string' ? finding : finding_compare(seen, tag);
    }
}

;// CONCATENATED MODULE: ./src/proof/standing.ts
/** Keeps count of rounds. A proof needs `attempts` clean ones in a row (safety rule 9). */
class Standings {
    #least;
    #attempts;
    #all = new Map();
    #clean = 0;
    constructor(items, attempts) {
        this.#least = attempts;
        this.#attempts = attempts;
        for (const item of items)
            this.#all.set(item.name, { item, verdict: 'unchecked', rounds: 0 });
    }
    /** Clean rounds in a row, up to the last. */
    get clean() {
        return this.#clean;
    }
    /** Clean rounds in a row that the proof needs. */
    get needed() {
        return this.#attempts;
    }
    /** Takes in how many rounds the proof needs; never fewer than at the beginning. */
    need(attempts) {
        this.#attempts = Math.max(this.#least, attempts);
        for (const [name, standing] of this.#all)
            if (standing.verdict === 'gone' && standing.rounds < this.#attempts)
                this.#all.set(name, { ...standing, verdict: 'inconclusive' });
    }
    get proven() {
        return this.#clean >= this.#attempts;
    }
    get all() {
        return [...this.#all.values()];
    }
    /** Takes in a round. @param now milliseconds since the epoch @returns whether it was clean */
    take(round, now) {
        let clean = round.controlFailed === undefined;
        for (const [name, finding] of round.findings) {
            const before = this.#all.get(name);
            if (before === undefined)
                continue;
            const counts = finding.is === 'gone' && round.controlFailed === undefined;
            if (finding.is !== 'gone')
                clean = false;
            const rounds = counts ? before.rounds + 1 : 0;
            // Only every second round passes a silent cache, so one 404 after a 200 may be all that is left to see of it.
            const doubtful = before.verdict === 'present' && rounds === 1 && this.#attempts > 1;
            this.#all.set(name, {
                item: before.item,
                finding: doubtful && before.finding !== undefined ? before.finding : finding,
                rounds,
                verdict: doubtful ? 'present' : this.#judge(finding, rounds),
                ...(counts && { goneSince: before.goneSince ?? now, goneUntil: now }),
            });
        }
        this.#clean = clean ? this.#clean + 1 : 0;
        return clean;
    }
    /** Takes a verdict back: something shows that it answers again. */
    revoke(name) {
        const before = this.#all.get(name);
        if (before !== undefined)
            this.#all.set(name, { item: before.item, verdict: 'present', rounds: 0 });
        this.#clean = 0;
    }
    /** The proof starts anew: something was read or deleted that may have brought back what was gone. */
    restart() {
        this.#clean = 0;
        for (const [name, standing] of this.#all) {
            const { item, verdict } = standing;
            if (verdict === 'gone' || verdict === 'inconclusive')
                this.#all.set(name, { item, verdict: 'inconclusive', rounds: 0 });
            else
                this.#all.set(name, { ...standing, rounds: 0 });
        }
    }
    #judge(finding, rounds) {
        if (finding.is === 'present')
            return 'present';
        return rounds >= this.#attempts ? 'gone' : 'inconclusive';
    }
}

;// CONCATENATED MODULE: ./src/purge/heal.ts




/** At the most so many bursts; what still answers then is only watched. */
const BURSTS = 8;
const FIRST_BURST = 3;
/** Milliseconds after which a look is no longer of just now. */
const heal_SOON = 1_000;
const NOTHING = { left: new Map(), movedTags: new Map(), unsure: [], problems: [], putOff: false };
/**
 * Deletes again what is still served: a stale replica forgets a digest when it gets a DELETE itself. Several DELETEs in
 * a row, of a number that grows, since one DELETE and one look a round can alternate for ever behind a round-robin
 * balancer. Before that every tag is looked at anew: what one needs now is left (safety rule 9).
 *
 * @param work the purge that is being verified
 * @param present what still answers, and on which endpoint
 * @param burst how many bursts came before this one, from 0
 * @throws Stopped
 */
async function heal(work, present, burst) {
    const tags = present.flatMap(({ item }) => (item.kind === 'tag' ? [item.name] : []));
    const seen = await looking(() => work.lookAgain('all', tags));
    if (typeof seen === 'string')
        return { ...NOTHING, unsure: [seen] };
    const movedTags = new Map(seen.moved.flatMap(({ tag, digest }) => (work.placeholders.has(digest) ? [] : [[tag, digest]])));
    if (seen.unsure.length > 0)
        return { ...NOTHING, movedTags, unsure: seen.unsure };
    const mine = present.filter(({ item }) => item.kind === 'tag' ? !movedTags.has(item.name) : !seen.left.has(item.name));
    const placed = work.plan.way === 'placeholder' ? mine.filter(({ item }) => isLabel(work, item)) : [];
    let putOff = false;
    const { recorder } = work.tools;
    const { repository } = work.plan;
    const again = mine.filter((each) => !placed.includes(each)).map(({ item }) => ({ item }));
    recorder.intend(repository, again);
    // After a pause the look of above is old: what is left then waits for the next round.
    for (const each of mine)
        if (!placed.includes(each))
            putOff ||= await deleteInARow(work, each, FIRST_BURST + burst);
    const problems = placed.length > 0 && !putOff ? await placeAgain(work, placed) : [];
    recorder.withdraw(repository);
    return { ...NOTHING, left: seen.left, movedTags, problems, putOff };
}
function isLabel({ plan }, { kind, name }) {
    return kind === 'tag' && plan.tags.some(({ tag, onlyLabel }) => tag === name && onlyLabel !== undefined);
}
/** Labels that came back, where they go by a placeholder only. One that shows the placeholder itself is deleted with it. */
async function placeAgain(work, present) {
    const names = new Set(present.map(({ item }) => item.name));
    const { client, recorder } = work.tools;
    const shown = new Set(work.plan.tags.map(({ tag }) => pointsAt(work, tag)));
    for (const digest of work.placeholders) {
        if (!shown.has(digest))
            continue;
        recorder.intend(work.plan.repository, work.plan.tags
            .filter(({ tag }) => pointsAt(work, tag) === digest)
            .map(({ tag, digest: before }) => ({
            item: { kind: 'tag', name: tag },
            placeholder: onPlaceholder({ digest, blobs: [] }, before),
        })));
        recorder.about(work.plan.repository);
        const deleting = { purpose: 'delete-placeholder', timeout: work.timeout, fresh: true };
        await asked(client.deleteManifest(work.plan.repository, digest, deleting));
    }
    // One that could not be removed in the first place is not taken again: each try puts it at risk.
    const back = work.plan.tags.filter(({ tag, digest }) => names.has(tag) && work.done.get(tag)?.outcome === 'deleted' && pointsAt(work, tag) === digest);
    return back.length > 0 ? placeholder(work, back) : [];
}
function pointsAt(work, tag) {
    const state = work.facts.tags.get(tag);
    return state?.is === 'resolved' ? state.digest : undefined;
}
/**
 * A 404 means that this replica does not have it, and a 500 may have worked: the burst goes on either way.
 *
 * @returns whether the registry asked for patience, which ends it
 */
async function deleteInARow(work, { item, endpoint }, times) {
    const { client, recorder } = work.tools;
    const answers = [];
    let putOff = false;
    recorder.about(work.plan.repository, item);
    if (item.kind !== 'tag')
        work.touched.add(item.name);
    work.wrote = true;
    const named = item.kind === 'manifest' && endpoint === 'blobs' ? { kind: 'blob', name: item.name } : item;
    for (let sent = 0; sent < times && !putOff; sent++) {
        if (client.stop.aborted)
            throw new Stopped();
        const why = await whyKept(work, item, heal_SOON);
        if (why !== undefined) {
            answers.push(`left, since ${why}`);
            break;
        }
        try {
            const { status } = await sendDelete(work, named, true);
            putOff = status === 429;
            answers.push(String(status));
        }
        catch (error) {
            if (!(error instanceof WireError))
                throw error;
            putOff = error.failure === 'held';
            if (error.failure === 'cancelled') {
                work.record({ item, outcome: 'unknown', detail: 'in flight when the run was stopped' });
                throw new Stopped();
            }
            answers.push(error.code);
        }
    }
    const worked = answers.some((answer) => answer.startsWith('2'));
    const outcome = worked ? 'deleted' : (work.done.get(item.name)?.outcome ?? 'failed');
    const { way } = work.plan;
    const via = item.kind === 'tag' && way !== undefined ? { via: way } : {};
    work.record({
        item,
        outcome,
        ...via,
        detail: `deleted again ${answers.length} times in a row: ${answers.join(' ')}`,
    });
    return putOff;
}
/**
 * Looks for what came since the newest look, if that is older than `age` milliseconds: a burst can take a while.
 *
 * @returns why the item must not be deleted now
 * @throws Stopped
 */
async function whyKept(work, item, age) {
    if (item.kind === 'tag')
        return undefined;
    const old = work.tools.clock.now() - work.newestLook >= age;
    const failure = old ? await lookingWithin(work, age) : undefined;
    return failure ?? work.forbids(item);
}
/**
 * Deletes blobs once more, as the very last thing of a run. The tags are read right before it: somebody may have pushed
 * such a blob meanwhile. What came of it is not looked up, since reading is what brought the blobs back.
 *
 * @returns why some were left, a sentence each
 * @throws Stopped
 */
async function deleteOnceMore(work, digests) {
    const { recorder } = work.tools;
    const { repository } = work.plan;
    const items = digests.map((name) => ({ kind: 'blob', name }));
    const problems = [];
    recorder.intend(repository, items.map((item) => ({ item })));
    for (const [at, item] of items.entries()) {
        const why = await whyKept(work, item, at === 0 ? 0 : heal_SOON);
        if (why === undefined)
            await deleteInARow(work, { item, endpoint: 'blobs' }, 1);
        else
            problems.push(`${repository}@${item.name} was left: ${why}`);
    }
    recorder.withdraw(repository);
    return problems;
}

;// CONCATENATED MODULE: ./src/flow/proof-sentences.ts

/** Digests that one warning names. */
const proof_sentences_SHOWN = 5;
/** Blobs that were named and were not there: a proof that they are gone would be true, and mean nothing. */
function neverThere({ plan, done }) {
    const absent = plan.blobs.filter(({ digest, named }) => named && done.get(digest)?.outcome === 'already-gone');
    if (absent.length === 0)
        return [];
    const names = some(absent.map(({ digest }) => digest), proof_sentences_SHOWN);
    return [
        `${count(absent.length, 'digest')} of \`blobs\` ${absent.length === 1 ? 'was' : 'were'} not there, so nothing was deleted: ${names}. If no earlier run deleted ${absent.length === 1 ? 'it' : 'them'}, check the repository, and that a layer is named by the digest in its manifest, not by the DiffID in its config`,
    ];
}
/** A proof by what answers is silent about what does not. */
function lostChecks(lost) {
    if (lost.length === 0)
        return [];
    const kinds = [...new Set(lost.flat())].sort().join(', ');
    return [
        `${count(lost.length, 'look')} of the proof ${lost.length === 1 ? 'was' : 'were'} answered only after failures (${kinds}). If one of several replicas fails, it was not checked: run again with the lines of the step Plan when it is back`,
    ];
}
function tellRound({ findings, controlFailed, lost }) {
    const all = [...findings];
    const open = all.filter(([, finding]) => finding.is !== 'gone');
    const control = controlFailed === undefined ? 'the control answers' : controlFailed;
    const after = lost.length === 0 ? '' : ` (${count(lost.length, 'look')} only after failures)`;
    if (open.length === 0)
        return `all ${all.length} gone, ${control}${after}`;
    const shown = open.slice(0, 5).map(([name, finding]) => {
        if (finding.is === 'gone')
            return name;
        return finding.is === 'present'
            ? `${name} STILL ANSWERS (${finding.detail})`
            : `${name} inconclusive (${finding.detail})`;
    });
    const more = open.length > shown.length ? ` and ${open.length - shown.length} more` : '';
    return `${all.length - open.length} of ${all.length} gone, ${shown.join(', ')}${more}; ${control}${after}`;
}
function unproven({ all }, { plan, done }, told, controlFailed) {
    const { repository } = plan;
    const nameOf = ({ item: { kind, name } }) => `${repository}${kind === 'tag' ? ':' : '@'}${name}`;
    const open = all
        .filter(({ verdict }) => verdict === 'present' || verdict === 'inconclusive')
        .filter((each) => !told.some((sentence) => sentence.startsWith(nameOf(each))))
        .filter(({ item }) => {
        // A tag that was not removed in the first place still answers, of course; why, is told where it was tried.
        const outcome = item.kind === 'tag' ? done.get(item.name)?.outcome : undefined;
        return outcome !== 'failed' && outcome !== 'kept';
    });
    const lacking = open.filter(({ verdict, finding }) => verdict !== 'present' && (finding?.is ?? 'gone') === 'gone');
    const sentences = open.flatMap((each) => {
        const { verdict, finding } = each;
        if (lacking.includes(each))
            return [];
        const detail = finding === undefined || finding.is === 'gone' ? 'it answers again' : finding.detail;
        return [
            verdict === 'present'
                ? `${nameOf(each)} STILL ANSWERS: ${detail}. Restart the registry's replicas or flush its cache, purge caches in front of it, and run again with the lines of the step Plan`
                : `${nameOf(each)} is not proven gone: ${detail}. Run again with the lines of the step Plan`,
        ];
    });
    if (lacking.length > 0)
        sentences.push(`${some(lacking.map(nameOf), proof_sentences_SHOWN)} ${lacking.length === 1 ? 'is' : 'are'} not proven gone: ${controlFailed ?? 'the time was up before enough rounds in a row were clean'}. Run again with the lines of the step Plan, with a longer \`verify-timeout\` if the time was up`);
    return sentences;
}

;// CONCATENATED MODULE: ./src/flow/watch.ts
/** What is watched, and what was given up since it will not go. */
class Watch {
    all;
    problems = [];
    /** What tags came to need, with those tags. */
    left = new Map();
    #work;
    #unread;
    #givenUp = new Set();
    #newcomers = new Set();
    constructor(work, execution) {
        this.#work = work;
        const { tags, manifests, blobs } = work.plan;
        this.#unread = new Set(manifests.flatMap(({ digest, gone }) => (gone ? [digest] : [])));
        const content = (kind, digests) => [...digests].map((name) => ({ kind, name }));
        this.all = [
            ...tags.map(({ tag }) => ({ kind: 'tag', name: tag })),
            ...content('manifest', manifests.map(({ digest }) => digest)),
            ...content('blob', blobs.map(({ digest }) => digest)),
        ];
        for (const [digest, holders] of execution.left)
            this.#leave(digest, holders);
        for (const item of this.all) {
            if (this.#givenUp.has(item.name))
                continue;
            const done = work.done.get(item.name);
            if (done === undefined || done.outcome === 'kept')
                this.#giveUp(item.name);
        }
        for (const { tag, root } of tags)
            if (work.done.get(tag)?.outcome === 'with-manifest' && this.#givenUp.has(root))
                this.#giveUp(tag);
    }
    get items() {
        return this.all.filter(({ name }) => !this.#givenUp.has(name));
    }
    /** Nothing was given up, and nothing came that belongs to what went. */
    get complete() {
        return this.#givenUp.size === 0 && this.#newcomers.size === 0;
    }
    /** What a round found that can be deleted again. */
    stillThere({ findings }) {
        return this.items.flatMap((item) => {
            const finding = findings.get(item.name);
            if (finding?.is !== 'present')
                return [];
            if (item.kind === 'manifest' && this.#unread.has(item.name) && finding.endpoint === 'manifests') {
                this.#giveUp(item.name);
                this.problems.push(`${this.#work.plan.repository}@${item.name} was unknown to the registry when the plan was made and answers now, so what belongs to it is not known. Run again with this digest in \`image\``);
                return [];
            }
            return [{ item, endpoint: finding.endpoint }];
        });
    }
    /** Takes in what a burst left alone. */
    take({ left, movedTags, unsure, problems }, narrator) {
        this.problems.push(...problems);
        for (const [digest, holders] of left)
            if (!this.#givenUp.has(digest))
                this.#leave(digest, holders);
        for (const [tag, digest] of movedTags) {
            if (this.#givenUp.has(tag))
                continue;
            this.#giveUp(tag);
            this.problems.push(`${this.#work.plan.repository}:${tag} points at ${digest} now: somebody pushed it again during this run, so it was left`);
        }
        for (const why of unsure)
            narrator.note(`nothing was deleted again, since ${why}`);
    }
    /**
     * Takes in what came to need something, or to belong to it, when what stays was read. Named tags that resolve are left
     * to the rounds, which delete them again unless they are somebody's new push.
     *
     * @returns what is not gone after all
     */
    takeNeeded({ left, newcomers }) {
        const { repository } = this.#work.plan;
        for (const [digest, holders] of left)
            if (!this.#givenUp.has(digest))
                this.#leave(digest, holders);
        for (const { tag, digest, subject } of newcomers) {
            if (this.#newcomers.has(digest))
                continue;
            this.#newcomers.add(digest);
            const name = tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}@${digest}`;
            this.problems.push(`${name} belongs to ${subject}, which was purged, and came during this run, so it was left. Name it in \`image\` and run again`);
        }
        return [...left.keys()];
    }
    /** @returns named tags that still point at a placeholder of this run, a sentence each */
    onPlaceholders({ tags }) {
        const { plan, placeholders } = this.#work;
        return plan.tags.flatMap(({ tag }) => {
            const state = tags.get(tag);
            if (state?.is !== 'resolved' || !placeholders.has(state.digest) || this.#givenUp.has(tag))
                return [];
            return [
                `${plan.repository}:${tag} still points at the placeholder ${state.digest}, which holds nothing. Run again to remove the label`,
            ];
        });
    }
    #leave(digest, holders) {
        this.#giveUp(digest);
        this.left.set(digest, holders);
        const gone = this.#work.done.get(digest)?.outcome === 'deleted';
        if (gone)
            this.problems.push(`${this.#work.plan.repository}@${digest} was deleted before ${holders.join(', ')} came to need it: push that image again`);
        else
            this.#served(digest, holders);
    }
    #served(digest, holders) {
        this.problems.push(`${this.#work.plan.repository}@${digest} was left, since ${holders.join(', ')} came to need it during this run: it is still served. Name ${holders.length === 1 ? 'that tag' : 'those tags'} in \`image\` too, and run again`);
    }
    #giveUp(name) {
        this.#givenUp.add(name);
    }
}

;// CONCATENATED MODULE: ./src/flow/verification.ts












const LONGEST_LOOK = 30_000;
const SHORTEST_LOOK = 1_000;
const verification_FIRST_PAUSE = 250;
const verification_LONGEST_PAUSE = 5_000;
/**
 * The proof of one repository on its way. The order matters, since some registries bring a digest back when it is read
 * in another place: first what stays is read, then rounds of requests prove what is gone, and at the very end each
 * purged blob is asked for in the two ways that could bring it back. Nothing is read after that.
 */
class Verification {
    #work;
    #execution;
    #thoroughness;
    #telling;
    #replicas;
    #elsewhere;
    #watch;
    #standings;
    #absent = new Set();
    #lost = [];
    #answered = [];
    /** Why the controls of the newest round did not vouch for its 404s. */
    #controlFailed;
    #never;
    #stay = { remaining: [], problems: ['what was to stay was not read'], warnings: [] };
    /** A burst of DELETEs came after what stays was read. */
    #stayIsOld = true;
    #number = 0;
    #bursts = 0;
    /** Milliseconds of `verify-timeout` that are left. */
    #left;
    /**
     * @param elsewhere what other repositories of the run purge
     * @param replicas what the run saw of replicas that differ
     */
    constructor(work, execution, thoroughness, telling, { elsewhere, replicas }) {
        this.#work = work;
        this.#execution = execution;
        this.#thoroughness = thoroughness;
        this.#telling = telling;
        this.#elsewhere = elsewhere;
        this.#replicas = replicas;
        this.#watch = new Watch(work, execution);
        this.#standings = new Standings(this.#watch.all, thoroughness.attempts);
        this.#left = thoroughness.timeout;
    }
    get work() {
        return this.#work;
    }
    get standings() {
        return this.#standings.all;
    }
    get remaining() {
        return this.#stay.remaining;
    }
    /** Enough clean rounds in a row, by what the run knows of the registry's replicas by now. */
    get proven() {
        this.#standings.need(this.#replicas.rounds);
        return this.#standings.proven;
    }
    /** The proof is not complete, and there is time left for it. */
    get open() {
        return this.#watch.items.length > 0 && this.#left > 0 && !this.proven;
    }
    /** Reads everything that was to stay, to its last blob, and sees whether a tag brought back what was gone. @throws Stopped */
    async readWhatStays() {
        const { plan, tools } = this.#work;
        this.#stay = await endLook(async () => {
            const seen = await this.#work.lookAgain('end');
            for (const name of this.#watch.takeNeeded(seen))
                this.#standings.revoke(name);
            return intact(tools.client, plan, this.#work.facts, this.#work, tools);
        });
        this.#stayIsOld = false;
    }
    /** What was proven may be undone by what another repository read or deleted. */
    restart() {
        this.#standings.restart();
        this.#telling.record.standings(this.#work.plan.repository, this.#standings.all);
    }
    /**
     * Asks in rounds until enough of them are clean in a row, deletes again what is still served, and gives up when the
     * time is up.
     *
     * @returns whether anything was read or deleted again that may bring back what another repository purged
     * @throws Stopped
     */
    async prove() {
        const { clock, narrator, record } = this.#telling;
        const { plan, tools } = this.#work;
        const { client } = tools;
        const { repository } = plan;
        const deadline = clock.now() + this.#left;
        let disturbed = false;
        let dirty = 0;
        if (client.stop.aborted)
            throw new Stopped();
        narrator.begin(repository, 'Verify');
        while (this.#watch.items.length > 0) {
            if (client.stop.aborted)
                throw new Stopped();
            const round = await this.#ask(deadline);
            const clean = this.#standings.take(round, clock.now());
            record.standings(repository, this.#standings.all);
            narrator.note(`round ${this.#number}: ${tellRound(round)}; ${this.#standings.clean} of ${this.#standings.needed} clean in a row`);
            if (clean && this.#stayIsOld) {
                await this.readWhatStays();
                this.restart();
                disturbed = true;
            }
            if (this.proven)
                break;
            const present = this.#watch.stillThere(round);
            if (present.length > 0 && this.#bursts < BURSTS && clock.now() < deadline) {
                await this.#heal(present);
                disturbed = true;
            }
            if (clock.now() >= deadline)
                break;
            dirty = clean ? 0 : dirty + 1;
            const pause = clean
                ? this.#thoroughness.interval
                : Math.max(this.#thoroughness.interval, Math.min(verification_LONGEST_PAUSE, verification_FIRST_PAUSE * 2 ** (dirty - 1)));
            await clock.sleep(Math.min(pause, Math.max(0, deadline - clock.now())), client.stop);
        }
        this.#left = Math.max(0, deadline - clock.now());
        if (this.#stayIsOld) {
            await this.readWhatStays();
            disturbed = true;
        }
        record.standings(repository, this.#standings.all);
        narrator.end(repository, 'Verify', this.#summary());
        return disturbed;
    }
    /** Asks once on `/manifests/` for purged blobs that may be served there too. Only a proven repository. @throws Stopped */
    async askAsManifests() {
        const found = await askAsManifests(this.#asking(), this.#blobs((digest) => this.#mayBeManifest(digest)));
        this.#takeAnswered(found, (name, how) => `${name} is gone as a blob, but the registry serves it as a manifest (${how}). Name it in \`image\` and run again`);
    }
    /**
     * The very last question: asks once for the first byte of each purged blob. A store that shares blobs between
     * repositories answers it, and serves the blob from then on.
     *
     * @returns the blobs that answered; they are to be deleted once more when nothing is read any more
     * @throws Stopped
     */
    async askByRange() {
        const blobs = this.#blobs(() => true);
        const found = await askByRange(this.#asking(), blobs, this.#never);
        this.#takeAnswered(found, (name, how, unclear) => unclear
            ? `${name}: the final check by a ranged GET failed (${how}), so it is not proven gone. Run again with the lines of the step Plan`
            : `${name} answered a ranged GET (${how}) after it had answered 404: another repository of this registry holds it, or somebody pushed it again. It is deleted once more unless a tag needs it by now. Purge it in that repository in the same run`);
        return found.flatMap(({ digest, unclear }) => (unclear ? [] : [digest]));
    }
    /** Deletes once more what the last question brought back. Nothing is read afterwards. @throws Stopped */
    async deleteOnceMore(digests) {
        if (digests.length === 0)
            return;
        for (const problem of await deleteOnceMore(this.#work, digests))
            this.#answered.push(problem);
    }
    /** @returns what the verification came to; to be called when everything has been asked */
    conclude() {
        const { plan } = this.#work;
        // Another repository may have shown since that more rounds are needed.
        this.#telling.record.standings(plan.repository, this.#standings.all);
        const proven = this.proven && this.#watch.complete && this.#stay.problems.length === 0 && this.#answered.length === 0;
        const told = [...this.#answered, ...(this.proven ? [] : this.#watch.onPlaceholders(this.#work.facts))];
        const problems = [
            ...this.#watch.problems,
            ...told,
            ...(this.proven ? [] : unproven(this.#standings, this.#work, told, this.#controlFailed)),
            ...this.#stay.problems,
        ];
        if (proven)
            this.#work.settleLabels();
        // How a DELETE was answered does not matter once the proof is complete, least of all that of a tag that is gone.
        const said = proven
            ? this.#execution.problems.filter((each) => !plan.tags.some(({ tag }) => each.includes(`${plan.repository}:${tag} `)))
            : this.#execution.problems;
        return {
            proven,
            left: this.#watch.left,
            problems: proven ? [] : [...problems, ...said],
            warnings: [
                ...(proven ? [...said, ...neverThere(this.#work)] : []),
                ...lostChecks(this.#lost),
                ...this.#stay.warnings,
            ],
        };
    }
    async #ask(deadline) {
        const { clock, random } = this.#telling;
        const left = deadline - clock.now();
        const number = this.#number++;
        const asking = {
            ...this.#asking(),
            timeout: Math.min(LONGEST_LOOK, Math.max(SHORTEST_LOOK, left)),
            until: deadline,
            // A cache that says nothing of itself is passed by every second round.
            ...(number % 2 === 1 && { cacheBuster: random.hex(8) }),
        };
        const controls = controlsFor(this.#work.plan, this.#work.facts, this.#absent, this.#elsewhere);
        const round = await askRound(asking, this.#watch.items, controls(number, this.#standings.clean));
        for (const digest of round.controlsAbsent)
            this.#absent.add(digest);
        for (const each of round.lost)
            this.#lost.push(each);
        this.#controlFailed = round.controlFailed;
        this.#never = round.never ?? this.#never;
        this.#replicas.take(round, (item) => !this.#firstAsBlob(item, round));
        this.#standings.need(this.#replicas.rounds);
        return round;
    }
    /** A manifest that is served as a blob was not deleted there yet: that is no sign of replicas that differ. */
    #firstAsBlob(item, { findings }) {
        const finding = findings.get(item);
        const manifest = this.#work.plan.manifests.some(({ digest }) => digest === item);
        return finding?.is === 'present' && finding.endpoint === 'blobs' && manifest && this.#bursts === 0;
    }
    #asking() {
        const { client, width, progress } = this.#work.tools;
        const { random } = this.#telling;
        return { client, repository: this.#work.plan.repository, random, width, timeout: LONGEST_LOOK, progress };
    }
    async #heal(present) {
        const healing = await heal(this.#work, present, this.#bursts);
        // What the registry put off until later was no burst.
        if (!healing.putOff)
            this.#bursts++;
        this.#stayIsOld = true;
        this.#watch.take(healing, this.#telling.narrator);
    }
    #blobs(which) {
        return this.#watch.items.flatMap(({ kind, name }) => (kind === 'blob' && which(name) ? [name] : []));
    }
    #mayBeManifest(digest) {
        const planned = this.#work.plan.blobs.find((blob) => blob.digest === digest);
        return planned === undefined || kindOf(essence(planned.mediaType)) !== 'blob';
    }
    #takeAnswered(found, say) {
        const { record, narrator } = this.#telling;
        const { repository } = this.#work.plan;
        for (const { digest, how, unclear } of found) {
            if (!unclear)
                this.#standings.revoke(digest);
            const sentence = say(`${repository}@${digest}`, how, unclear);
            this.#answered.push(sentence);
            narrator.note(sentence);
        }
        if (found.length > 0)
            record.standings(repository, this.#standings.all);
    }
    #summary() {
        const all = this.#standings.all;
        const gone = all.filter(({ verdict }) => verdict === 'gone').length;
        const { remaining, problems } = this.#stay;
        const sound = remaining.filter(({ verdict }) => verdict === 'intact').length;
        const proven = this.proven && this.#watch.complete && problems.length === 0;
        return `${gone} of ${count(all.length, 'item')} proven gone in ${count(this.#standings.needed, 'round')} in a row, ${sound} of ${count(remaining.length, 'remaining tag')} intact${proven ? '' : ': NOT PROVEN'}`;
    }
}
/** A look that fails is no proof. @throws Stopped */
async function endLook(look) {
    try {
        return await look();
    }
    catch (error) {
        if (error instanceof WireError && error.failure === 'cancelled')
            throw new Stopped();
        if (!(error instanceof WireError || error instanceof ListError))
            throw error;
        return {
            remaining: [],
            warnings: [],
            problems: [`what was to stay could not be looked at: ${error.message}`],
        };
    }
}

;// CONCATENATED MODULE: ./src/flow/carry-out.ts





/** @returns what `on-exposure` has against these plans before the first write. @throws Stopped */
function searchFirst(jobs, exposures) {
    const plans = jobs.map(({ plan }) => plan);
    return exposures.look(plans, jobs.map(({ entry }) => entry), new Set(plans.map(({ repository }) => repository)));
}
/**
 * Carries out plans: purges a repository after the other, reads what stays in all of them, searches elsewhere, and only
 * then proves each.
 *
 * @returns how each repository ended; the report's entries hold what happened
 * @throws Stopped, and defects
 */
async function carryOut(jobs, carrying) {
    const { settings, rules, ports, together, wrote } = carrying;
    const { narrator, record } = ports;
    for (const { entry } of jobs)
        entry.result = 'refused';
    record.write();
    const sensitive = new Set(jobs.flatMap(({ plan }) => [...plan.image]));
    const all = [];
    for (const job of jobs) {
        const { part, plan, entry } = job;
        const several = jobs.length > 1;
        const purged = await purge(part, plan, entry, { settings, rules, ports, sensitive, several, wrote });
        entry.result = purged.execution === undefined && !purged.work.wrote ? 'refused' : 'incomplete';
        all.push({ ...job, purged });
        narrator.close();
        if (together && all.every(({ entry: { result } }) => result === 'refused'))
            return ['refused'];
    }
    try {
        await verifyAll(all, carrying);
    }
    finally {
        // What a burst intended when the run was stopped, and never sent, is again what it was.
        for (const { plan } of all)
            record.withdraw(plan.repository);
    }
    return all.map(({ entry }) => entry.result);
}
/** @throws Stopped, and defects */
async function verifyAll(all, { settings, ports, exposures }) {
    const { record } = ports;
    const replicas = new Replicas();
    const thoroughness = {
        attempts: settings.verifyAttempts,
        interval: settings.verifyInterval,
        timeout: settings.verifyTimeout,
    };
    const verified = all.flatMap(({ entry, purged: { work, execution } }) => {
        if (execution === undefined)
            return [];
        if (work.differed)
            replicas.differed();
        const others = all.filter(({ purged }) => purged.work !== work);
        const elsewhere = new Set(others.flatMap(({ purged: { work: { plan }, }, }) => [...plan.manifests, ...plan.blobs].map(({ digest }) => digest)));
        return [
            {
                entry,
                verification: new Verification(work, execution, thoroughness, ports, { elsewhere, replicas }),
            },
        ];
    });
    for (const { entry, verification } of verified) {
        await verification.readWhatStays();
        entry.remaining = remainingEntries(verification.remaining);
    }
    const exposed = await exposures.look(all.map(({ purged: { work } }) => work.plan), all.map(({ entry }) => entry), new Set(verified.map(({ verification: { work } }) => work.plan.repository)));
    await proveAll(verified.map(({ verification }) => verification));
    for (const { entry, verification } of verified) {
        const { proven, left, problems, warnings } = verification.conclude();
        for (const [digest, heldBy] of left)
            entry.kept.push({ digest, heldBy: [...heldBy] });
        entry.remaining = remainingEntries(verification.remaining);
        entry.problems.push(...problems);
        entry.warnings.push(...warnings);
        entry.result = proven && exposed.length === 0 ? 'purged' : 'incomplete';
    }
    record.report.problems.push(...exposed);
}

;// CONCATENATED MODULE: ./src/survey/search.ts





/**
 * Asks another repository for content, each piece once by a plain GET, and where something is there, which tags hold it.
 *
 * @throws WireError when the run is to stop
 */
async function search(client, repository, wanted, width) {
    const there = [];
    const failed = [];
    await each(wanted, width, async (piece) => {
        const answer = await search_ask(client, repository, piece);
        if (answer === true)
            there.push(piece);
        else if (answer !== false)
            failed.push(answer);
    });
    const unclear = failed[0] === undefined
        ? []
        : [`${repository} could not be searched for ${failed.length} of ${wanted.length} digests: ${failed[0]}`];
    if (there.length === 0)
        return { found: [], unclear };
    const holders = await holdersOf(client, repository, there, width);
    const found = there
        .map((piece) => ({ ...piece, repository, heldBy: holders.of.get(piece.digest) ?? [] }))
        .sort((one, other) => (one.digest < other.digest ? -1 : 1));
    return { found, unclear: [...unclear, ...holders.unclear] };
}
/** @returns whether it is served there, or why that cannot be told */
async function search_ask(client, repository, { digest, kind }) {
    const reading = { purpose: 'search' };
    try {
        const response = kind === 'manifest'
            ? await client.manifest(repository, digest, reading)
            : await client.blob(repository, digest, reading);
        if (isGone(response))
            return false;
        return response.status >= 200 && response.status < 300 ? true : describe(response);
    }
    catch (error) {
        return search_wireText(error);
    }
}
/** Reads all tags of a repository, for the few that hold something. */
async function holdersOf(client, repository, there, width) {
    const of = new Map(there.map(({ digest }) => [digest, []]));
    const reader = new Reader(client, undefined, repository);
    const tags = new Map();
    let unread = 0;
    try {
        await each(await listTags(client, repository), width, async (tag) => {
            const state = await reader.tag(tag);
            if (state.is === 'resolved')
                tags.set(state.digest, [...(tags.get(state.digest) ?? []), tag]);
            else if (state.is !== 'unknown')
                unread++;
        });
    }
    catch (error) {
        const why = error instanceof ListError ? error.message : search_wireText(error);
        return { of, unclear: [`which tags of ${repository} hold what was found there cannot be told: ${why}`] };
    }
    for (const [root, on] of tags) {
        const { manifests, blobs } = reach([root], reader, true);
        for (const [digest, list] of of)
            if (manifests.has(digest) || blobs.has(digest))
                for (const tag of on)
                    list.push({ tag, root });
    }
    for (const list of of.values())
        list.sort((one, other) => (one.tag < other.tag ? -1 : 1));
    const unclear = unread === 0 ? [] : [`${unread} tags of ${repository} cannot be read, and may hold it, too`];
    return { of, unclear };
}
function search_wireText(error) {
    if (error instanceof WireError && error.failure !== 'cancelled')
        return error.message;
    throw error;
}

;// CONCATENATED MODULE: ./src/flow/exposure.ts




const exposure_HOLDERS = 8;
/**
 * Looks in other repositories for what is purged and for what is kept: a layer that was mounted elsewhere is still
 * served there when the purged repository answers 404.
 */
class Exposures {
    #settings;
    #ports;
    #where;
    /** What was last said of each purged repository. */
    #said = new Map();
    constructor(settings, ports) {
        this.#settings = settings;
        this.#ports = ports;
    }
    /** Whether other repositories were asked for anything. */
    get looked() {
        return (this.#where?.repositories ?? []).length > 0;
    }
    /**
     * Searches, and takes down what was found in the report's entries. What an earlier search said is replaced.
     *
     * @param purging repositories of this run, of which what is purged there counts as gone
     * @returns why `on-exposure: fail` stands in the way, a sentence each; empty where it does not
     * @throws Stopped
     */
    async look(plans, entries, purging) {
        if (this.#settings.searched.length === 0)
            return [];
        if (this.#settings.scope === 'tag') {
            this.#ports.log.notice('search-repositories: `scope: tag` purges no content, so nothing was searched');
            return [];
        }
        try {
            this.#where ??= await this.#resolve();
            const failures = [];
            for (const [at, plan] of plans.entries()) {
                const entry = entries[at];
                if (entry === undefined)
                    continue;
                const exposure = await this.#search(plan, plans, purging);
                failures.push(...this.#take(entry, exposure));
            }
            return failures;
        }
        catch (error) {
            if (error instanceof WireError && error.failure === 'cancelled')
                throw new Stopped();
            throw error;
        }
    }
    /** Writes out the globs. What matches nothing is said: nothing would be searched, and nobody would notice. */
    async #resolve() {
        const { searched } = this.#settings;
        const repositories = new Set();
        const unclear = [];
        let catalog;
        for (const entry of searched) {
            if ('name' in entry) {
                repositories.add(entry.name);
                const doubt = await this.#doubt(entry.name);
                if (doubt !== undefined)
                    unclear.push(doubt);
                continue;
            }
            try {
                catalog ??= await listRepositories(this.#ports.client);
            }
            catch (error) {
                if (error instanceof WireError && error.failure === 'cancelled')
                    throw error;
                if (!(error instanceof CatalogError || error instanceof WireError))
                    throw error;
                unclear.push(`search-repositories: ${entry.glob.text} was not searched: ${error.message}`);
                continue;
            }
            const matching = catalog.filter((name) => entry.glob.matches(name));
            if (matching.length === 0)
                unclear.push(`search-repositories: ${entry.glob.text} matches no repository, so nothing was searched for it`);
            for (const name of matching)
                repositories.add(name);
        }
        return { repositories: [...repositories], unclear };
    }
    /** @returns why a name that is written may be misspelt, or undefined */
    async #doubt(name) {
        const what = `search-repositories: the tags of ${name} cannot be listed`;
        const way = 'If that name is misspelt, nothing was searched for it';
        try {
            const page = await this.#ports.client.tagPage(name, undefined, { purpose: 'list-tags' });
            return page.status === 200 ? undefined : `${what} (${describe(page)}). ${way}`;
        }
        catch (error) {
            if (!(error instanceof WireError) || error.failure === 'cancelled')
                throw error;
            return `${what}: ${error.message}. ${way}`;
        }
    }
    async #search(plan, plans, purging) {
        const { client, log } = this.#ports;
        const { repositories = [], unclear = [] } = this.#where ?? {};
        const found = [];
        const sentences = [...unclear];
        const wanted = [
            ...plan.manifests.map(({ digest }) => ({ digest, kind: 'manifest' })),
            ...plan.blobs.map(({ digest }) => ({ digest, kind: 'blob' })),
            ...plan.kept.map(({ digest, kind }) => ({ digest, kind })),
        ];
        const others = repositories.filter((name) => name !== plan.repository);
        for (const name of others) {
            // What this run purges there as well is proven there.
            const own = plans.find(({ repository }) => repository === name && purging.has(repository));
            const goes = new Set([...(own?.manifests ?? []), ...(own?.blobs ?? [])].map(({ digest }) => digest));
            const open = wanted.filter(({ digest }) => !goes.has(digest));
            const result = await search(client, name, open, this.#settings.concurrency);
            found.push(...result.found);
            sentences.push(...result.unclear);
        }
        log.info(`${plan.repository}: ${count(wanted.length, 'digest')} looked for in ${others.length} other ${others.length === 1 ? 'repository' : 'repositories'}, ${found.length} found`);
        if (found.length > 0)
            sentences.push(exposure_tell(plan, found));
        return { found, sentences };
    }
    #take(entry, { found, sentences }) {
        entry.exposed = found.map(({ repository, digest, heldBy }) => ({
            repository,
            digest,
            heldBy: heldBy.map(({ tag }) => tag),
        }));
        const before = new Set(this.#said.get(entry.name));
        entry.warnings = entry.warnings.filter((warning) => !before.has(warning));
        this.#said.set(entry.name, sentences);
        if (this.#settings.onExposure === 'fail')
            return sentences.map((sentence) => `on-exposure is \`fail\`: ${sentence}`);
        entry.warnings.push(...sentences);
        return [];
    }
}
/** What is served elsewhere, and lines for a next run that purge what this one purges. */
function exposure_tell(plan, found) {
    const kept = new Set(plan.kept.map(({ digest }) => digest));
    const lines = found.map(({ repository, digest, heldBy }) => {
        const tags = heldBy.map(({ tag }) => tag);
        const holders = tags.length === 0 ? 'no tag that could be read' : some(tags, exposure_HOLDERS);
        return `  ${repository}@${digest}, held by ${holders}${kept.has(digest) ? ' (kept here as well)' : ''}`;
    });
    const leaked = found.filter(({ digest }) => !kept.has(digest));
    return [
        `EXPOSED: other repositories serve ${count(new Set(found.map(({ digest }) => digest)).size, 'digest')} that belong to what is purged in ${plan.repository}:`,
        ...lines,
        ...nextRun(leaked),
    ].join('\n');
}
function nextRun(found) {
    const images = new Set();
    const blobs = new Set();
    for (const { repository, digest, kind, heldBy } of found) {
        for (const { tag, root } of heldBy)
            images.add(`${repository}:${tag}@${root}`);
        if (heldBy.length === 0)
            (kind === 'manifest' ? images : blobs).add(`${repository}@${digest}`);
    }
    if (images.size + blobs.size === 0)
        return [];
    return [
        'To purge what holds them there, a next run takes these lines. Read its dry run first: whole images go.',
        ...(images.size > 0 ? ['image: |', ...[...images].map((line) => `  ${line}`)] : []),
        ...(blobs.size > 0 ? ['blobs: |', ...[...blobs].map((line) => `  ${line}`)] : []),
    ];
}

;// CONCATENATED MODULE: ./src/flow/rules.ts
/** @returns what of the settings decides, besides what was named or selected */
function rulesOf(settings) {
    const { origin, scope, unreadableTags, sharedBlobs, protectedTags, dryRun, approved, cleanup } = settings;
    return {
        registry: origin,
        scope,
        unreadableTags,
        sharedBlobs,
        protectedTags,
        dryRun,
        ...(approved !== undefined && { approved }),
        ...(cleanup !== undefined && {
            cleanup: true,
            keepNewest: cleanup.keepNewest,
            maxDeletions: cleanup.maxDeletions,
        }),
    };
}

;// CONCATENATED MODULE: ./src/plan/cleanup/doubt.ts


/** Tells of the images of one repository whether it is known what belongs to them. */
class Doubts {
    #facts;
    /** Tags that belong to an image by their name, by the key of that. */
    #byKey = new Map();
    constructor(facts) {
        this.#facts = facts;
        for (const tag of facts.tags.keys()) {
            const key = subjectKey(tag);
            if (key === undefined)
                continue;
            const known = this.#byKey.get(key);
            if (known === undefined)
                this.#byKey.set(key, [tag]);
            else
                known.push(tag);
        }
    }
    /**
     * Looks at an image and at all that is attached to it, by reference or by a tag's name: that would go with it.
     *
     * @returns why it cannot be told what belongs to it, so that it stays; undefined where it can
     */
    about(root) {
        const seen = new Set();
        const open = [root];
        for (let next = open.pop(); next !== undefined; next = open.pop()) {
            for (const digest of reach([next], this.#facts, true).manifests) {
                if (seen.has(digest))
                    continue;
                seen.add(digest);
                const why = this.#unclear(digest, digest === root ? 'it' : digest);
                if (why !== undefined)
                    return why;
                for (const tag of this.#byKey.get(keyOf(digest)) ?? []) {
                    const state = this.#facts.tags.get(tag);
                    if (state?.is === 'resolved')
                        open.push(state.digest);
                    else if (state !== undefined && state.is !== 'unknown')
                        return `${tag}, which belongs to it by its name, cannot be read: ${state.why}`;
                }
            }
        }
        return undefined;
    }
    #unclear(digest, name) {
        const { manifests, missing: all, referrersUnclear } = this.#facts;
        const manifest = manifests.get(digest);
        const missing = all.get(digest);
        if (manifest?.kind === 'schema1')
            return `${name} is a schema 1 manifest`;
        if (manifest?.kind === 'unknown')
            return `${name} is a manifest of a kind that this action does not know`;
        if ((manifest?.written ?? []).length > 0)
            return `${name} lists content of a media type that this action does not know`;
        if (missing !== undefined && missing.is !== 'missing')
            return `${digest} cannot be read: ${missing.why}`;
        const unclear = referrersUnclear.get(digest);
        return unclear === undefined ? undefined : `what refers to ${digest} cannot be told: ${unclear}`;
    }
}

;// CONCATENATED MODULE: ./src/plan/cleanup/needed.ts




const needed_TAGS = 5;
/**
 * Finds the images that cannot go whole, since a tag that stays needs them, shows one of their manifests, or shows the
 * same image by another manifest (safety rules 2 and 3). Of these only the labels go. What they need stays, too, and may
 * keep the next image: so this is asked until nothing more is found.
 *
 * @returns why, for each of them
 */
function neededImages(images, { facts, staying, guarded }) {
    const needed = new Map();
    const pointers = new Map(staying);
    const pointing = Map.groupBy(staying.keys(), (tag) => staying.get(tag));
    let open = images;
    for (;;) {
        const roots = new Set(open.map(({ digest }) => digest));
        // None of them was named: one that refers to an image that stays, such as a signature, belongs to that.
        const whole = attach(roots, pointers, facts, new Set(), guarded);
        const held = heldConfigs(facts, whole);
        const found = new Map(open.flatMap(({ digest }) => {
            const why = reason(digest, facts, whole, { pointing, held });
            return why === undefined ? [] : [[digest, why]];
        }));
        if (found.size === 0)
            return needed;
        for (const { digest, tags } of open) {
            const why = found.get(digest);
            if (why === undefined)
                continue;
            needed.set(digest, why);
            for (const tag of tags)
                pointers.set(tag, digest);
        }
        open = open.filter(({ digest }) => !found.has(digest));
    }
}
/** The manifests that stay, by their config. */
function heldConfigs({ manifests }, { holders }) {
    const held = new Map();
    for (const [digest, { config }] of manifests) {
        if (config === undefined || !holders.held.has(digest))
            continue;
        const list = held.get(config.digest);
        if (list === undefined)
            held.set(config.digest, [digest]);
        else
            list.push(digest);
    }
    return held;
}
/** @returns why an image cannot go whole, or undefined */
function reason(root, facts, whole, { pointing, held }) {
    const { manifests } = reach([root], facts, false);
    for (const digest of manifests) {
        const on = [...(pointing.get(digest) ?? [])].sort(compare);
        if (on.length === 0)
            continue;
        const more = on.length > needed_TAGS ? ` and ${on.length - needed_TAGS} more` : '';
        const what = digest === root ? 'its manifest' : `its child ${digest}`;
        return `${on.slice(0, needed_TAGS).join(', ')}${more} ${on.length === 1 ? 'points' : 'point'} at ${what}, too`;
    }
    if (whole.holders.held.has(root))
        return 'an index or an image that stays needs its manifest';
    for (const config of configsOf(manifests, facts, whole.manifests)) {
        const other = held.get(config)?.find((digest) => !manifests.has(digest));
        if (other !== undefined)
            return `${other}, which stays, is the same image by its config`;
    }
    return undefined;
}

;// CONCATENATED MODULE: ./src/plan/cleanup/size.ts

/** @returns the bytes of an image with all its manifests, configs and layers, each counted once, as far as they say */
function sizeOf(root, facts) {
    const counted = new Set();
    let bytes = 0;
    for (const digest of reach([root], facts, false).manifests) {
        const manifest = facts.manifests.get(digest);
        bytes += manifest?.size ?? 0;
        for (const blob of manifest?.blobs ?? []) {
            if (!counted.has(blob.digest))
                bytes += blob.size ?? 0;
            counted.add(blob.digest);
        }
    }
    return bytes;
}

;// CONCATENATED MODULE: ./src/plan/cleanup/choose.ts






/**
 * Chooses what goes: the tags that match, on images that are old enough and not among the newest. Conservative: what is
 * doubtful stays, and where a tag that stays needs the image only the label goes. A pure function of what was read, in
 * whatever order that came.
 *
 * @param matched by name
 * @param created the dates of these images, as far as they decide
 */
function choose(facts, { images, unselected }, created, criteria) {
    const reasons = stayForAge(images, created, criteria);
    const open = [...images.values()].filter(({ tags }) => tags.length > 0);
    // Only a label needs no knowledge of what is under it.
    const whole = criteria.scope === 'image';
    const doubts = new Doubts(facts);
    for (const { digest } of whole ? open : []) {
        const why = reasons.has(digest) ? undefined : doubts.about(digest);
        if (why !== undefined)
            reasons.set(digest, `what belongs to it is not known: ${why}`);
    }
    const selected = open.filter(({ digest }) => !reasons.has(digest));
    const needed = whole ? neededOf(selected, facts, criteria) : new Map();
    const tags = selected.flatMap(({ digest, tags }) => tags.map((tag) => {
        const why = needed.get(digest);
        return why === undefined ? { tag } : { tag, onlyLabel: why };
    }));
    const staying = open.flatMap(({ digest, tags }) => tags.flatMap((tag) => {
        const because = reasons.get(digest);
        return because === undefined ? [] : [{ tag, digest, because }];
    }));
    return {
        repository: facts.repository,
        tags: tags.sort(byTag),
        unselected: [...unselected, ...staying].sort(byTag),
        sizes: new Map([...images.keys()].map((digest) => [digest, sizeOf(digest, facts)])),
        created: new Map([...created].flatMap(([digest, date]) => (date.is === 'known' ? [[digest, date.at]] : []))),
    };
}
/**
 * Where the registry cannot remove a label alone, the tags stay of which only the label was to go.
 *
 * @param why what the registry said
 */
function withoutLabels(choice, facts, why) {
    const staying = choice.tags.flatMap(({ tag, onlyLabel }) => {
        const state = facts.tags.get(tag);
        if (onlyLabel === undefined)
            return [];
        const because = `${onlyLabel}, and this registry cannot remove a label alone (${why})`;
        return [{ tag, ...(state?.is === 'resolved' && { digest: state.digest }), because }];
    });
    return {
        ...choice,
        tags: choice.tags.filter(({ onlyLabel }) => onlyLabel === undefined),
        unselected: [...choice.unselected, ...staying].sort(byTag),
    };
}
/** @returns what was chosen, as an incident would name it */
function targetOf({ repository, tags }) {
    return { repository, tags, digests: [], blobs: [] };
}
function neededOf(selected, facts, { protectedTags }) {
    if (selected.length === 0)
        return new Map();
    const going = selected.flatMap(({ tags }) => tags.map((tag) => ({ tag })));
    const others = remainingTags({ tags: going }, facts, protectedTags, true);
    return neededImages(selected, { facts, staying: pointersOf(others), guarded: guardedOf(others) });
}
function byTag(one, other) {
    return compare(one.tag, other.tag);
}

;// CONCATENATED MODULE: ./src/flow/selecting.ts







/**
 * Surveys one repository and selects in it. Only where something is selected is the registry asked whether it can be
 * deleted.
 *
 * @param asOf from when age counts, milliseconds since the epoch
 * @throws Stopped, and defects
 */
async function selectIn(repository, settings, cleanup, ports) {
    const { clock, narrator } = ports;
    const from = clock.now();
    const surveyor = surveyorOf(repository, settings, ports);
    try {
        const listed = await repository_list(surveyor, repository, narrator);
        narrator.begin(repository, 'Resolve');
        const facts = await surveyor.read(listed);
        const chosen = await chooseIn(facts, surveyor, settings, cleanup);
        const { choice, survey } = await completed(chosen, facts, surveyor);
        narrator.end(repository, 'Resolve', `${count(facts.tags.size, 'tag')} on ${count(facts.manifests.size, 'manifest')} read, ${choice.tags.length} selected${survey === undefined ? '' : `; ${possible(survey)}`}`);
        if (survey === undefined)
            return { is: 'idle', selection: choice, listed: there(listed, facts) };
        const surveyed = { from, to: clock.now() };
        const part = { surveyor, survey, target: targetOf(choice), selection: choice, surveyed };
        return { is: 'part', part, listed };
    }
    catch (error) {
        narrator.close();
        if (error instanceof WireError && error.failure === 'cancelled')
            throw new Stopped();
        if (error instanceof UnknownRepository)
            return { is: 'absent', why: error.message };
        if (error instanceof ListError)
            return { is: 'failed', why: error.message, silent: false };
        if (error instanceof WireError)
            return { is: 'failed', why: error.message, silent: ['network', 'timeout'].includes(error.failure) };
        throw error;
    }
}
/** A plain name in `protected-tags` may be there without being listed. */
function there(listed, { tags }) {
    const resolved = [...tags].flatMap(([tag, { is }]) => (is === 'resolved' ? [tag] : []));
    return [...new Set([...listed, ...resolved])];
}
async function chooseIn(facts, surveyor, { scope, protectedTags }, cleanup) {
    const matched = match(facts, { ...cleanup, protectedTags });
    const wanted = needsDates(cleanup) ? dated(matched.images.values(), cleanup) : new Set();
    const created = await surveyor.created(wanted, facts);
    return choose(facts, matched, created, { ...cleanup, scope, protectedTags });
}
/** @returns the choice as far as the registry can carry it out, and a survey unless nothing is left of it */
async function completed(choice, facts, surveyor) {
    if (choice.tags.length === 0)
        return { choice };
    const labels = choice.tags.some(({ onlyLabel }) => onlyLabel !== undefined);
    const survey = await surveyor.complete(facts, targetOf(choice), labels);
    const { untagging, manifestDeletion, blobDeletion } = survey;
    // Where nothing may be deleted at all, that is what has to be said, and no peculiarity of labels.
    const deletes = manifestDeletion.is === 'on' && blobDeletion.is === 'on';
    if (!labels || !deletes || untagging?.is !== 'impossible')
        return { choice, survey };
    const rest = withoutLabels(choice, facts, untagging.deletion.why);
    if (rest.tags.length === 0)
        return { choice: rest };
    const { untagging: _, ...without } = survey;
    return { choice: rest, survey: without };
}

;// CONCATENATED MODULE: ./src/flow/cleanup.ts













/** A registry that does not answer for so many repositories in a row does not answer for the next either. */
const SILENT = 3;
/** Small repositories are surveyed side by side: one alone has not enough requests to keep a registry busy. */
const SIDE_BY_SIDE = 4;
/**
 * The flow of a cleanup: the same engine, rules and proof as for an incident, but that tags are selected and not named,
 * and that the refusal or failure of one repository does not stop the others.
 *
 * @param wanted what to select
 * @param wrote is called before anything may be written
 * @returns how the run ended; the record's report holds what happened
 * @throws Stopped
 */
async function cleanup(settings, wanted, ports, wrote) {
    const { record, narrator, log } = ports;
    const asOf = wanted.asOf ?? Date.parse(record.report.startedAt);
    record.report.inputs['as-of'] = time(asOf);
    const surveyed = await surveyAll(settings, { ...wanted, asOf }, ports);
    if (surveyed.problems.length > 0) {
        record.report.problems.push(...surveyed.problems, ...surveyed.failed.map(({ why }) => why));
        return 'refused';
    }
    for (const glob of unmatched([...wanted.globs, ...wanted.except], surveyed.listed)) {
        const belonging = surveyed.listed.some((tags) => tags.some((tag) => glob.matches(tag)));
        record.report.warnings.push(`tags: ${glob.text} matches no tag in any repository of this run${belonging ? ' but those that belong to an image by their name: they go and stay with it' : ''}`);
    }
    const rules = rulesOf(settings);
    const whole = plan(surveyed.parts, rules, surveyed.idle.map(({ listed }) => listed));
    const { entries, jobs } = show(whole, surveyed, asOf, ports);
    record.report.fingerprint = whole.fingerprint;
    record.report.repositories = entries;
    if (whole.refusals.length > 0) {
        record.report.problems.push(...whole.refusals);
        for (const { entry } of jobs)
            entry.result = 'refused';
        return 'refused';
    }
    for (const warning of whole.warnings)
        log.notice(warning);
    const exposures = new Exposures(settings, ports);
    const exposed = await searchFirst(jobs, exposures);
    if (exposed.length > 0) {
        record.report.problems.push(...exposed);
        for (const { entry } of jobs)
            entry.result = 'refused';
        return 'refused';
    }
    if (settings.dryRun) {
        record.report.matrix = matrixOf(jobs.map(({ plan }) => plan), rules);
        for (const { entry } of jobs)
            entry.result = 'planned';
    }
    else if (jobs.length > 0) {
        narrator.expect(surveyed.count);
        await carryOut(jobs, { settings, rules, ports, exposures, together: false, wrote });
    }
    return sum(entries);
}
/** How the run ended, from how its repositories did. */
function sum(entries) {
    const has = (result) => entries.some((entry) => entry.result === result);
    if (has('incomplete') || (has('purged') && has('refused')))
        return 'incomplete';
    if (has('refused'))
        return 'refused';
    if (has('purged'))
        return 'purged';
    return has('planned') ? 'planned' : 'nothing-to-do';
}
async function surveyAll(settings, wanted, ports) {
    const { repositories, named, problems } = await resolveRepositories(wanted.repositories, ports.client).catch((error) => {
        if (error instanceof WireError && error.failure === 'cancelled')
            throw new Stopped();
        throw error;
    });
    const all = {
        parts: [],
        idle: [],
        failed: [],
        listed: [],
        problems: [...problems],
        count: repositories.length,
    };
    if (problems.length > 0)
        return all;
    ports.narrator.expect(repositories.length);
    const turns = new Turns(ports.log);
    let silent = 0;
    const one = async (repository) => {
        if (silent >= SILENT)
            return {
                is: 'failed',
                why: `${repository} was not surveyed: the registry stopped answering`,
                silent: true,
            };
        const selected = await inTurn(turns, repositories.length, ports, (own) => selectIn(repository, settings, wanted, own));
        silent = selected.is === 'failed' && selected.silent ? silent + 1 : 0;
        return selected;
    };
    const selected = await counted(ports.progress, 'repositories surveyed', repositories, SIDE_BY_SIDE, one);
    for (const [at, repository] of repositories.entries()) {
        const each = selected[at];
        if (each.is === 'failed')
            all.failed.push({ repository, why: each.why });
        else if (each.is === 'absent') {
            // A catalog goes on to list what was emptied.
            if (named.has(repository))
                all.problems.push(`repositories: ${each.why}`);
            else
                all.idle.push({ repository, selection: cleanup_NOTHING, listed: [] });
        }
        else {
            all.listed.push(each.listed);
            if (each.is === 'part')
                all.parts.push(each.part);
            else
                all.idle.push({ repository, selection: each.selection, listed: each.listed });
        }
    }
    return all;
}
/** One repository is told of as it goes; of several, each when it is its turn. */
async function inTurn(turns, count, ports, work) {
    if (count === 1)
        return work(ports);
    const turn = turns.take();
    try {
        return await work({ ...ports, log: turn.log, narrator: new Narrator(turn.log, true) });
    }
    finally {
        turn.done();
    }
}
const cleanup_NOTHING = { unselected: [], created: new Map(), sizes: new Map() };
/** Prints the plan of each repository, and makes their entries of the report, sorted. */
function show(whole, { parts, idle, failed }, asOf, { narrator }) {
    const jobs = [];
    const entries = failed.map(({ repository, why }) => refusedEntry(repository, why));
    for (const { repository, selection } of idle) {
        narrator.idle(repository, selection, asOf);
        entries.push(idleEntry(repository, selection));
    }
    for (const [at, each] of whole.repositories.entries()) {
        const part = parts[at];
        if (part === undefined)
            continue;
        narrator.plan(each, whole.fingerprint, asOf);
        const entry = entryOf(each);
        entries.push(entry);
        if (each.refusals.length === 0)
            jobs.push({ part, plan: each, entry });
    }
    const sorted = entries.sort((one, other) => (one.name < other.name ? -1 : 1));
    return { entries: sorted, jobs };
}

;// CONCATENATED MODULE: ./src/flow/incident.ts






/**
 * The flow of an incident: facts → plan → act → prove. All repositories are planned before the first write in any.
 *
 * @param wrote is called before anything may be written
 * @returns how the run ended; the record's report holds what happened
 * @throws Stopped, and WireError where the registry as a whole does not answer
 */
async function incident(settings, ports, wrote) {
    const { record } = ports;
    const parts = [];
    const problems = [];
    for (const named of settings.named) {
        const part = await survey(named, settings, ports);
        if (typeof part === 'string')
            problems.push(part);
        else
            parts.push(part);
    }
    if (problems.length > 0) {
        record.report.problems.push(...problems);
        return 'refused';
    }
    const rules = rulesOf(settings);
    const cases = parts.map(({ target, survey }) => ({ target, survey }));
    const whole = plan(cases, rules);
    incident_show(whole, ports);
    if (whole.refusals.length > 0 || whole.repositories.some(({ refusals }) => refusals.length > 0))
        return 'refused';
    const exposures = new Exposures(settings, ports);
    const jobs = whole.repositories.flatMap((each, at) => {
        const part = parts[at];
        const entry = record.report.repositories[at];
        return part === undefined || entry === undefined ? [] : [{ part, plan: each, entry }];
    });
    const exposed = await searchFirst(jobs, exposures);
    if (exposed.length > 0) {
        for (const entry of record.report.repositories)
            entry.result = 'refused';
        record.report.problems.push(...exposed);
        return 'refused';
    }
    if (settings.dryRun) {
        for (const entry of record.report.repositories)
            entry.result = 'planned';
        return 'planned';
    }
    const results = await carryOut(jobs, { settings, rules, ports, exposures, together: true, wrote });
    if (results.every((result) => result === 'purged'))
        return 'purged';
    return results.every((result) => result === 'refused') ? 'refused' : 'incomplete';
}
function incident_show(whole, { narrator, record, log }) {
    record.report.fingerprint = whole.fingerprint;
    record.report.repositories = entriesOf(whole);
    record.report.problems.push(...whole.refusals);
    for (const each of whole.repositories)
        narrator.plan(each, whole.fingerprint);
    for (const warning of whole.warnings)
        log.notice(warning);
}

// EXTERNAL MODULE: external "node:v8"
var external_node_v8_ = __webpack_require__(8877);
// EXTERNAL MODULE: external "node:vm"
var external_node_vm_ = __webpack_require__(714);
;// CONCATENATED MODULE: ./src/heap.ts


/** Milliseconds between two looks at the heap. */
const EVERY = 100;
/** Bytes that the heap may grow by, besides some of what is in use. */
const GARBAGE = 8e6;
/** What is in use may grow by so much. */
const GROWTH = 1.4;
/** Bytes for new objects. With less, most of what a request needs lives long enough to be moved to the old ones. */
const YOUNG = 8e6;
/**
 * Keeps the process small. Every exchange leaves garbage behind, and Node would rather take 250 MiB from a machine with
 * free memory than clear it up: for thousands of requests with 20 MiB in use. So the room for new objects stops
 * growing early, and what survives is looked through when it has grown by some: a few per cent of the run's own time.
 * Without such a collector nothing changes but the memory.
 *
 * @returns a function that ends it
 */
function keepSmall() {
    (0,external_node_v8_.setFlagsFromString)('--expose-gc');
    const collect = (0,external_node_vm_.runInNewContext)('globalThis.gc');
    if (typeof collect !== 'function')
        return () => { };
    let used = process.memoryUsage().heapUsed;
    let collecting = false;
    let growing = true;
    const look = async () => {
        if (growing && young() >= YOUNG) {
            growing = false;
            (0,external_node_v8_.setFlagsFromString)('--semi-space-growth-factor=1');
        }
        if (collecting || process.memoryUsage().heapUsed < used * GROWTH + GARBAGE)
            return;
        collecting = true;
        try {
            await collect({ type: 'major', execution: 'async' });
            used = process.memoryUsage().heapUsed;
            collecting = false;
        }
        catch {
            // A collector that does not know how is left alone: what is still set is no second try.
        }
    };
    void look();
    const timer = setInterval(() => void look(), EVERY);
    timer.unref();
    return () => clearInterval(timer);
}
/** Bytes that new objects have. */
function young() {
    return (0,external_node_v8_.getHeapSpaceStatistics)().find((space) => space.space_name === 'new_space')?.space_size ?? YOUNG;
}

;// CONCATENATED MODULE: ./src/registry/credentials/docker-config.ts
/** Docker's own name for its hub, from times when that was an index. */
const HUB_KEY = 'https://index.docker.io/v1/';
const docker_config_HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);
/** A longer path belongs to a part of a host only, as other tools write it: such an entry is not the host's. */
const PATHS = /^\/?(?:v[12]\/?)?$/;
/** A URL's own reading would make hosts of much else. */
const docker_config_HOST = /^(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
const HELPER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/;
/**
 * Looks up a host in a Docker config, as the Docker CLI does: a helper for the host, then the store, then the file. Hosts
 * are compared as a whole, port included: an entry for another port, or for a parent domain, is somebody else's.
 *
 * @param text of config.json
 * @param origin scheme, host and port of the registry
 * @returns the places, in the order in which they are to be asked, or what is wrong with the file, in words
 */
function placesIn(text, origin) {
    let config;
    try {
        config = JSON.parse(text.replace(/^\uFEFF/, ''));
    }
    catch {
        return 'is no JSON';
    }
    if (!isObject(config))
        return 'is no JSON object';
    const { auths, credHelpers, credsStore } = config;
    if (auths !== undefined && auths !== null && !isObject(auths))
        return 'has `auths` that are no object';
    if (credHelpers !== undefined && credHelpers !== null && !isObject(credHelpers))
        return 'has `credHelpers` that are no object';
    const keys = Object.keys(auths ?? {}).filter((key) => isFor(key, origin));
    // The host alone before other ways to write it.
    keys.sort((one, other) => Number(one.includes('/')) - Number(other.includes('/')));
    const places = [];
    const named = Object.entries(credHelpers ?? {}).find(([key]) => isFor(key, origin));
    const setting = named === undefined ? '`credsStore`' : `\`credHelpers\` entry ${JSON.stringify(named[0])}`;
    const helper = named === undefined ? credsStore : named[1];
    if (helper !== undefined && helper !== null && helper !== '') {
        if (typeof helper !== 'string' || !HELPER.test(helper))
            return `names in its ${setting} what is no helper`;
        places.push({ is: 'helper', helper, setting, servers: [...new Set([serverOf(origin), ...keys])] });
    }
    for (const key of keys) {
        const credentials = readEntry(auths[key]);
        if (typeof credentials === 'string')
            return `has an entry ${JSON.stringify(key)} ${credentials}`;
        if (credentials !== undefined)
            places.push({ is: 'entry', key, credentials });
    }
    return places;
}
/** @returns what an entry holds, undefined where it is there only to say that a helper has it, or what is wrong */
function readEntry(entry) {
    if (!isObject(entry))
        return 'that is no object';
    const { auth, username, password, identitytoken, registrytoken } = entry;
    if (isText(identitytoken))
        return { kind: 'identity', token: identitytoken };
    if (isText(registrytoken))
        return { kind: 'ready', token: registrytoken };
    if (isText(auth)) {
        // Docker pads with zero bytes.
        const pair = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
        const colon = pair.indexOf(':');
        if (colon < 1)
            return 'whose `auth` is not the base64 form of user:password';
        return { kind: 'basic', username: pair.slice(0, colon), password: pair.slice(colon + 1) };
    }
    if (isText(username) && isText(password))
        return { kind: 'basic', username, password };
    return undefined;
}
/** @returns whether a key of the config stands for this host */
function isFor(key, origin) {
    const { protocol, host } = new URL(origin);
    const [, rest = ''] = /^(?:https?:\/\/)?(.*)$/i.exec(key) ?? [];
    const slash = rest.indexOf('/');
    const [name, path] = slash < 0 ? [rest, ''] : [rest.slice(0, slash), rest.slice(slash)];
    if (!docker_config_HOST.test(name) || !PATHS.test(path))
        return false;
    if (!URL.canParse(`${protocol}//${name}`))
        return false;
    const keyHost = new URL(`${protocol}//${name}`).host;
    return keyHost === host || (docker_config_HUB.has(keyHost) && docker_config_HUB.has(host));
}
function serverOf(origin) {
    const { host } = new URL(origin);
    return docker_config_HUB.has(host) ? HUB_KEY : host;
}
function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function isText(value) {
    return typeof value === 'string' && value !== '';
}

// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(1421);
;// CONCATENATED MODULE: ./src/registry/credentials/helper.ts

const helper_TIMEOUT = 30_000;
/** Characters of what it says that are read. */
const helper_LIMIT = 64 << 10;
/** What the protocol has helpers say that know nothing of a host. */
const NOT_FOUND = 'credentials not found';
/** Stands for "the secret is a refresh token", by the protocol. */
const TOKEN_USER = '<token>';
/**
 * Asks a credential helper for a host: `docker-credential-<name> get`, with the host on its standard input and JSON on
 * its standard output. Nothing secret is in its arguments.
 *
 * @param name of the helper
 * @param server the host, or a Docker config's key for it
 * @returns the credentials, undefined where it has none, or why it failed, in words
 */
async function askHelper(name, server, options) {
    const ran = await run(`docker-credential-${name}`, server, options);
    if (typeof ran === 'string')
        return ran;
    const { code, said } = ran;
    if (code !== 0) {
        if (said.toLowerCase().includes(NOT_FOUND))
            return undefined;
        return `failed with exit code ${code}${excuse(said)}`;
    }
    let answer;
    try {
        answer = (JSON.parse(said) ?? {});
    }
    catch {
        return 'answered with what is no JSON';
    }
    const { Username: username, Secret: secret } = answer;
    if (typeof username !== 'string' || typeof secret !== 'string')
        return 'answered without a user name and a secret';
    if (secret === '')
        return undefined;
    if (username === TOKEN_USER)
        return { kind: 'identity', token: secret };
    return username === '' ? 'answered without a user name' : { kind: 'basic', username, password: secret };
}
/** By the protocol what a failed helper says is a message; but what looks like an answer may hold a secret. */
function excuse(said) {
    const line = said.trim().split(/\r?\n/)[0] ?? '';
    return line === '' || /[{"]/.test(said) ? '' : ` (${line.length > 200 ? `${line.slice(0, 200)}…` : line})`;
}
function run(command, input, { environment, signal, timeout = helper_TIMEOUT }) {
    return new Promise((resolve) => {
        if (signal.aborted)
            return resolve('was stopped before it answered');
        // A group of its own, so that what it starts itself ends with it.
        const child = (0,external_node_child_process_.spawn)(command, ['get'], {
            env: { ...environment },
            stdio: ['pipe', 'pipe', 'ignore'],
            detached: process.platform !== 'win32',
        });
        let said = '';
        const end = (outcome) => {
            clearTimeout(timer);
            signal.removeEventListener('abort', stop);
            if (child.exitCode === null && child.signalCode === null)
                endGroup(child);
            // A process of its own that it left behind may hold the pipe open.
            child.stdout.destroy();
            child.unref();
            resolve(outcome);
        };
        const stop = () => end('was stopped before it answered');
        const timer = setTimeout(() => end(`did not answer within ${timeout / 1000} s`), timeout);
        signal.addEventListener('abort', stop, { once: true });
        child.stdout.setEncoding('utf8').on('data', (text) => {
            said += text;
            if (said.length > helper_LIMIT)
                end('answered with more than it should');
        });
        child.stdin.on('error', () => undefined);
        child.on('error', (error) => end(error.code === 'ENOENT' ? 'is not on the PATH' : `could not be started (${error.code ?? 'unknown'})`));
        child.on('close', (code) => end({ code, said }));
        child.stdin.end(input);
    });
}
function endGroup(child) {
    try {
        if (child.pid !== undefined && process.platform !== 'win32')
            process.kill(-child.pid, 'SIGKILL');
        else
            child.kill('SIGKILL');
    }
    catch {
        // It ended by itself.
    }
}

;// CONCATENATED MODULE: ./src/registry/credentials/find.ts




/** The Docker config cannot be used; the message is a sentence that says what to do. */
class CredentialsError extends Error {
    name = 'CredentialsError';
}
const REMEDY = 'Log in again, or give `username` and `password`';
/**
 * Finds the credentials for a registry: the inputs, else the Docker config, which `docker/login-action` and the login
 * actions of clouds write in an earlier step, else none.
 *
 * @throws CredentialsError where the config has something for the registry that cannot be used: to go on without it
 *   would be to ask as somebody else
 */
async function findCredentials({ origin, given, folder, environment, signal, }) {
    if (given !== undefined)
        return { credentials: { kind: 'basic', ...given }, source: 'the inputs `username` and `password`' };
    const file = (0,external_node_path_.join)(folder, 'config.json');
    const { host } = new URL(origin);
    const text = find_read(file);
    const places = text === undefined ? [] : placesIn(text, origin);
    if (typeof places === 'string')
        throw new CredentialsError(`the Docker config ${file} ${places}. ${REMEDY}`);
    for (const place of places) {
        if (place.is === 'entry')
            return {
                credentials: place.credentials,
                source: `the Docker config (entry ${JSON.stringify(place.key)} in ${file})`,
            };
        const credentials = await find_ask(place, { file, host, environment, signal });
        if (credentials !== undefined)
            return { credentials, source: `docker-credential-${place.helper} (${place.setting} in ${file})` };
    }
    return { source: `no \`username\`, and no entry for ${host} in ${file}` };
}
async function find_ask({ helper, setting, servers }, { file, host, ...options }) {
    for (const server of servers) {
        const answer = await askHelper(helper, server, options);
        if (typeof answer === 'string')
            throw new CredentialsError(`docker-credential-${helper}, which the ${setting} in ${file} names for ${host}, ${answer}. ${REMEDY}`);
        if (answer !== undefined)
            return answer;
    }
    return undefined;
}
function find_read(file) {
    try {
        return (0,external_node_fs_.readFileSync)(file, 'utf8');
    }
    catch (error) {
        const { code = 'unknown' } = error;
        if (code === 'ENOENT' || code === 'ENOTDIR')
            return undefined;
        throw new CredentialsError(`the Docker config ${file} cannot be read (${code}). ${REMEDY}`);
    }
}

;// CONCATENATED MODULE: ./src/registry/echo/encoded.ts
const HEX = '0123456789abcdef';
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/**
 * Encodes what stands somewhere in a longer text, so at each alignment: the characters that depend on nothing but these
 * bytes, whatever stands before and after them.
 *
 * @param alphabet of 16, 32 or 64 characters
 */
function coresOf(bytes, alphabet) {
    const width = Math.log2(alphabet.length);
    const cores = new Set();
    for (let before = 0; before < width; before++) {
        // The first bit of the bytes is this far into a character.
        const into = (before * 8) % width;
        let core = '';
        for (let bit = (width - into) % width; bit + width <= bytes.length * 8; bit += width)
            core += alphabet.charAt(bitsAt(bytes, bit, width));
        cores.add(core);
    }
    return [...cores];
}
/** @returns up to eight bits from a place on as a number */
function bitsAt(bytes, bit, width) {
    const at = bit >> 3;
    const two = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    return (two >> (16 - width - (bit & 7))) & ((1 << width) - 1);
}
/** What base64 makes of a text inside of another one, at each alignment, without `+` and `/`: both alphabets. */
function base64Of(text) {
    return coresOf(Buffer.from(text, 'utf8'), BASE64).map((core) => core.replace(/[+/]/g, ''));
}
/** Hex of a text, in small letters. */
function hexOf(text) {
    return coresOf(Buffer.from(text, 'utf8'), HEX).slice(0, 1);
}
/** What base32 makes of a text inside of another one, at each alignment, in small letters. */
function base32Of(text) {
    return coresOf(Buffer.from(text, 'utf8'), BASE32);
}
/** The bytes of a text as lists of numbers, such as Go prints them (`[104 117 110]`), without what separates them. */
function numbersOf(text) {
    const bytes = [...Buffer.from(text, 'utf8')];
    const list = (base, width) => bytes.map((byte) => byte.toString(base).padStart(width, '0')).join('');
    return [list(10, 1), list(10, 3), list(8, 1), list(8, 3), list(2, 8)];
}

;// CONCATENATED MODULE: ./src/registry/echo/forms.ts
/** @returns the forms in which something writes a text that it sends back, and which can be told from their surroundings */
function formsOf(secret) {
    const bytes = Buffer.from(secret, 'utf8');
    const base64 = bytes.toString('base64');
    // Half of a surrogate pair, which an environment can hold, cannot be written in a URL.
    const whole = secret.toWellFormed();
    const inUrl = encodeURIComponent(whole);
    const inJson = JSON.stringify(secret).slice(1, -1);
    const inHtml = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    return [
        secret,
        secret.replace(/=+$/, ''),
        base64,
        base64.replace(/=+$/, ''),
        bytes.toString('base64url'),
        inUrl,
        inUrl.replace(/%[0-9A-F]{2}/g, (sign) => sign.toLowerCase()),
        inUrl.replaceAll('%20', '+'),
        new URLSearchParams({ x: whole }).toString().slice(2),
        encodeURI(whole),
        // As a URL's path writes it: only what must not stand there is encoded.
        whole.replace(/[^\x21-\x7e]+|["<>`#?{}^]/g, (sign) => encodeURIComponent(sign)),
        inJson,
        // Go's JSON, also with what PHP escapes.
        inJson.replace(/[&<>]/g, inUnicode),
        inJson.replaceAll('/', '\\/'),
        inJson.replace(/[&<>'\x7f-\uffff]/g, inUnicode),
        inHtml.replaceAll('"', '&quot;'),
        // Go's HTML, Python's and PHP's.
        inHtml.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
        inHtml.replaceAll('"', '&quot;').replaceAll("'", '&#x27;'),
        inHtml.replaceAll('"', '&quot;').replaceAll("'", '&#039;'),
    ];
}
function inUnicode(sign) {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

;// CONCATENATED MODULE: ./src/registry/echo/needles.ts
/** Characters by which texts are told apart at first. A shorter text is not searched for. */
const GRAM = 4;
const SLOTS = 1 << 16;
/**
 * Many texts that are searched for at once. The time of a search depends on the text that is searched, and hardly on
 * how many texts are searched for: each place is looked up by its first four characters.
 */
class Needles {
    #slots = new Uint8Array(SLOTS);
    #byGram = new Map();
    /** How often each text was added. */
    #counts = new Map();
    get size() {
        return this.#counts.size;
    }
    /** Adds texts; those of fewer than four characters are left out. */
    add(texts) {
        for (const text of texts) {
            if (text.length < GRAM)
                continue;
            const count = this.#counts.get(text) ?? 0;
            this.#counts.set(text, count + 1);
            if (count > 0)
                continue;
            const gram = text.slice(0, GRAM);
            const known = this.#byGram.get(gram);
            if (known === undefined)
                this.#byGram.set(gram, new Set([text]));
            else
                known.add(text);
            this.#slots[slotAt(text, 0)] = 1;
        }
    }
    /** Takes texts away that were added before, each once. */
    remove(texts) {
        for (const text of texts) {
            const count = this.#counts.get(text);
            if (count === undefined)
                continue;
            if (count > 1) {
                this.#counts.set(text, count - 1);
                continue;
            }
            this.#counts.delete(text);
            this.#byGram.get(text.slice(0, GRAM))?.delete(text);
        }
    }
    /** @returns whether one of the texts stands in this one */
    isIn(text) {
        if (this.#counts.size === 0)
            return false;
        for (let at = 0; at + GRAM <= text.length; at++) {
            if (this.#slots[slotAt(text, at)] === 0)
                continue;
            for (const needle of this.#byGram.get(text.slice(at, at + GRAM)) ?? [])
                if (text.startsWith(needle, at))
                    return true;
        }
        return false;
    }
}
function slotAt(text, at) {
    const first = text.charCodeAt(at) * 31 + text.charCodeAt(at + 1);
    const second = text.charCodeAt(at + 2) * 31 + text.charCodeAt(at + 3);
    return (first * 961 + second) & (SLOTS - 1);
}

;// CONCATENATED MODULE: ./src/registry/echo/unescape.ts
/** What is read of one text in all orders of unescaping. A text that can be read in more ways is not looked through. */
const MOST_READINGS = 128;
/** Without any of these no escape can be in a text. */
const MAY_BE_ESCAPED = /[\\&%=<\x80-\uffff]|_x|U\+|(['"$`{}])\1/i;
/** The names of HTML for what a password may hold, from U+00A0 on. */
const LATIN = 'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro ' +
    'para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil ' +
    'Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave ' +
    'Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml ' +
    'igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute ' +
    'thorn yuml';
/** Each sign, and its names. */
const SIGNS = '& amp,< lt,> gt," quot,\' apos,! excl,# num,$ dollar,% percnt,( lpar,) rpar,* ast,* midast,+ plus,. period,/ sol,' +
    ': colon,; semi,= equals,? quest,@ commat,[ lsqb,[ lbrack,\\ bsol,] rsqb,] rbrack,^ hat,_ lowbar,_ underbar,` grave,' +
    '` diacriticalgrave,{ lcub,{ lbrace,| verbar,| vert,| verticalline,} rcub,} rbrace,~ tilde,- hyphen,- dash,\t tab,' +
    '\n newline,\u20ac euro,\u2212 minus';
const NAMED = new Map([
    ...SIGNS.split(',').map((entry) => [entry.slice(2), entry.slice(0, 1)]),
    ['comma', ','],
    ...LATIN.split(' ').map((name, at) => [name, String.fromCharCode(0xa0 + at)]),
]);
const CONTROL = {
    a: '\x07',
    b: '\b',
    e: '\x1b',
    f: '\f',
    n: '\n',
    r: '\r',
    t: '\t',
    v: '\v',
};
/** Half of a pair is kept as it is: the other half may follow. */
function sign(code, escape) {
    return code > 0x10ffff ? escape : code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code);
}
const hex = (digits, escape) => sign(Number.parseInt(digits, 16), escape);
const BACKSLASH = /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x\{?([0-9a-fA-F]{2})\}?|([0-7]{1,3})|(\r?\n)|([^]))/g;
/** JSON, JavaScript, C, Go, Python, shells: `\u0026`, `\u{26}`, `\U00000026`, `\x26`, `\46`, `\n`, `\/`. */
function backslashes(text) {
    if (!text.includes('\\'))
        return text;
    return text.replace(BACKSLASH, (escape, braced, four, eight, two, octal, fold, one) => {
        const digits = braced ?? four ?? eight ?? two;
        if (digits !== undefined)
            return hex(digits, escape);
        if (octal !== undefined)
            return sign(Number.parseInt(octal, 8), escape);
        return fold !== undefined ? '' : (CONTROL[one ?? ''] ?? one ?? escape);
    });
}
/** LDAP and CSS: `\26`, `\000026`. */
function hexBackslashes(text) {
    if (!text.includes('\\'))
        return text;
    return text.replace(/\\(?:0000)?([0-9a-f]{2})/gi, (escape, digits) => hex(digits, escape));
}
/** HTML and XML: `&#39;`, `&#x27;`, `&apos;`, also with leading zeros and without the semicolon. */
function entities(text) {
    if (!text.includes('&'))
        return text;
    return text.replace(/&(?:#x0*([0-9a-f]{1,6})|#0*([0-9]{1,7})|([a-z][a-z0-9]{1,31}));?/gi, (escape, digits, decimal, name) => {
        if (digits !== undefined)
            return hex(digits, escape);
        if (decimal !== undefined)
            return sign(Number.parseInt(decimal, 10), escape);
        return NAMED.get(name ?? '') ?? NAMED.get((name ?? '').toLowerCase()) ?? escape;
    });
}
/** URLs: `%26`, and `%u0026` of old JavaScript. */
function percents(text) {
    if (!text.includes('%'))
        return text;
    return text.replace(/%(?:u([0-9a-f]{4})|([0-9a-f]{2}))/gi, (escape, four, two) => hex(four ?? two ?? '', escape));
}
/** Mail: `=26`, and `=` at the end of a line that goes on. */
function quotedPrintable(text) {
    if (!text.includes('='))
        return text;
    return text.replace(/=(?:\r?\n|([0-9a-f]{2}))/gi, (escape, two) => two === undefined ? '' : hex(two, escape));
}
/** XML names (`_x0026_`) and the way in which Unicode writes of a sign (`U+0026`). */
function codePoints(text) {
    return text.replace(/_x([0-9a-f]{4})_|U\+([0-9a-f]{4,6})/gi, (escape, name, plus) => hex(name ?? plus ?? '', escape));
}
/** A sign that is doubled where it would end a text: `''`, `""`, `%%`, `{{`. */
function doubled(text) {
    return text.replace(/(['"%$`{}])\1/g, '$1');
}
/** Marks of HTML in the middle of a word. */
function tags(text) {
    return text.includes('<') ? text.replace(/<[^<>]{1,200}>/g, '') : text;
}
/** UTF-8 that was read, or unescaped, byte by byte. */
function bytewise(text) {
    return text.replace(/[\x80-\xff]{2,}/g, (run) => {
        const read = Buffer.from(run, 'latin1').toString('utf8');
        return read.includes('\ufffd') ? run : read;
    });
}
/** Forms of Unicode that look the same, such as `ö` in one sign or two. */
function composed(text) {
    return /[^\0-\x7f]/.test(text) ? text.normalize('NFKC') : text;
}
const unescape_WAYS = [
    backslashes,
    entities,
    percents,
    bytewise,
    hexBackslashes,
    quotedPrintable,
    codePoints,
    doubled,
    tags,
    composed,
];
/**
 * Reads a text in every way in which it may be escaped, also several times over, in any order: what one kind of escape
 * means may be damaged where another is undone first.
 *
 * @returns the text itself and what it may mean, or undefined if there are too many readings to be sure
 */
function readingsOf(text, most = MOST_READINGS) {
    if (!MAY_BE_ESCAPED.test(text))
        return [text];
    const readings = new Set([text]);
    for (const reading of readings)
        for (const unescape of unescape_WAYS) {
            readings.add(unescape(reading));
            if (readings.size > most)
                return undefined;
        }
    return [...readings];
}

;// CONCATENATED MODULE: ./src/registry/echo/echo.ts




/** Shorter ones stand in any text by chance. */
const SHORTEST = 4;
/** Letters and digits alone, in a text of which only these are compared. */
const SHORTEST_SKELETON = 6;
/** In lines of this action a shorter one could stand by chance: what it hides there is needed. */
const SHORTEST_IN_LINE = 8;
const SHORTEST_HEX_IN_LINE = 16;
const SHORTEST_BASE32_IN_LINE = 11;
/** Nobody sends back as much in another form. */
const LONGEST_IN_ALL_FORMS = 4096;
/** Readings of a line, which is short. */
const MOST_READINGS_OF_LINE = 32;
/** Readings of a secret, which may hold what passes for an escape. */
const MOST_READINGS_OF_SECRET = 16;
/** Digests that are written as ones: any secret of the wire could be made up to fit one. */
const DIGESTS = /sha(?:256|512):[0-9a-f]{12,}/g;
/**
 * Tells whether a text holds a secret in any form that a reader can undo. Both are compared in a normal form: escapes
 * undone, also several times over, white space and what cannot be seen taken out, case as it is; and encoded in
 * hex, base32 and both alphabets of base64, at each alignment, whatever separates the characters.
 */
class Echo {
    #plain = new Needles();
    #compact = new Needles();
    #skeletons = new Needles();
    #folded = new Needles();
    add({ plain, compact, skeletons, folded }) {
        this.#plain.add(plain);
        this.#compact.add(compact);
        this.#skeletons.add(skeletons);
        this.#folded.add(folded);
    }
    remove({ plain, compact, skeletons, folded }) {
        this.#plain.remove(plain);
        this.#compact.remove(compact);
        this.#skeletons.remove(skeletons);
        this.#folded.remove(folded);
    }
    /** @returns whether it holds one, or has so many readings that nobody can be sure */
    isIn(text, most) {
        if (this.#plain.size + this.#folded.size === 0)
            return false;
        const readings = readingsOf(text, most);
        // Lines that were broken at a width are broken in the middle of an escape as well.
        const joined = readingsOf(text.replace(/\s+/g, ''), most);
        if (readings === undefined || joined === undefined)
            return true;
        return (readings.some((reading) => this.#isPlainly(reading) || this.#isApart(reading)) ||
            (joined.length > 1 && joined.some((reading) => this.#isApart(reading))));
    }
    /** As `isIn`, for a line of this action: what stands there as a digest is one. */
    isInLine(line) {
        return this.isIn(line.replace(DIGESTS, ' '), MOST_READINGS_OF_LINE);
    }
    #isPlainly(text) {
        return this.#plain.isIn(text) || (/\s/.test(text) && this.#plain.isIn(collapse(text)));
    }
    /** Whatever stands between its characters. */
    #isApart(text) {
        const compact = compacted(text);
        if (this.#compact.isIn(compact))
            return true;
        const skeleton = skeletonOf(compact);
        if (this.#skeletons.isIn(skeleton))
            return true;
        const numbers = /0x/i.test(compact) ? skeletonOf(compact.replace(/0x/gi, ' ')) : skeleton;
        return this.#folded.isIn(numbers.toLowerCase());
    }
}
/** @returns what a secret is searched for by in the body of a foreign response, where a false alarm costs its text only */
function tracesInBody(secret) {
    if (secret.length > LONGEST_IN_ALL_FORMS)
        return tracesOfLong(secret);
    const readings = readingsOf(secret, MOST_READINGS_OF_SECRET) ?? [secret];
    const forms = [...new Set([...formsOf(secret), ...readings])];
    return {
        plain: longer(SHORTEST, [...readings, ...readings.map(collapse)]),
        compact: longer(SHORTEST, readings.map(compacted)),
        skeletons: [
            ...longer(SHORTEST_SKELETON, readings.map(skeletonOf)),
            ...longer(SHORTEST, forms.flatMap(base64Of)),
        ],
        folded: longer(SHORTEST, [hexOf, base32Of, numbersOf].flatMap((encode) => forms.flatMap(encode))),
    };
}
/**
 * @param isOurs tells what may stand in a line of this action, whatever secret it is a trace of
 * @returns what a secret is searched for by in a line of this action
 */
function tracesInLine(secret, isOurs) {
    if (secret.length > LONGEST_IN_ALL_FORMS)
        return tracesOfLong(secret);
    const ofSome = (least, texts) => longer(least, texts).filter((text) => !isOurs(text));
    const readings = readingsOf(secret, MOST_READINGS_OF_SECRET) ?? [secret];
    const forms = [secret, Buffer.from(secret, 'utf8').toString('base64')];
    return {
        plain: [secret, ...ofSome(SHORTEST_IN_LINE, [...readings, collapse(secret)])],
        // Words of a sentence could make one up.
        compact: ofSome(SHORTEST_IN_LINE, readings.map(compacted)).filter((text) => !/^[A-Za-z]{1,19}$/.test(text)),
        skeletons: ofSome(SHORTEST_IN_LINE, forms.flatMap(base64Of)),
        folded: [
            ...ofSome(SHORTEST_HEX_IN_LINE, [...forms.flatMap(hexOf), ...forms.flatMap(numbersOf)]),
            ...ofSome(SHORTEST_BASE32_IN_LINE, forms.flatMap(base32Of)),
        ],
    };
}
function tracesOfLong(secret) {
    return { plain: [secret], compact: [compacted(secret)], skeletons: [], folded: [] };
}
function longer(least, texts) {
    return [...new Set(texts)].filter((text) => text.length >= least);
}
/** White space to one blank each. */
function collapse(text) {
    return text.replace(/\s+/g, ' ').trim();
}
const echo_UNSEEN = /[\s\p{C}\u034f\u115f\u1160\u17b4\u17b5\u3164\ufe00-\ufe0f\uffa0\ufffd+]+/gu;
/** Without white space, `+` for a blank, and whatever cannot be seen. */
function compacted(text) {
    return /[^\0-\x7e]/.test(text) ? text.replace(echo_UNSEEN, '') : text.replace(/[\0-\x20+]+/g, '');
}
/** Letters and digits of ASCII, the only ones that every form shares. */
function skeletonOf(text) {
    return text.replace(/[^A-Za-z0-9]+/g, '');
}

;// CONCATENATED MODULE: ./src/registry/secrets.ts



/** Shorter ones would blank every digest that happens to hold them. */
const secrets_SHORTEST = 4;
const SHORTEST_OF_WIRE = 8;
const SHORTEST_UNLIKE_A_WORD = 20;
/** Digests and media types, which stand in every log. */
const OURS = /^(?:sha(?:256|512):|application\/)/;
const SHORTEST_MASKED_OF_WIRE = 20;
/** Tokens of so many kinds and lives, and links. */
const MOST_OF_WIRE = 300;
/** Nobody sends back as much in another form. */
const secrets_LONGEST_IN_ALL_FORMS = 4096;
/** A digest without its algorithm, or a part of one. */
const secrets_HEX = /^[0-9a-f]{1,128}$/;
/** Lines of a key that are shorter are its frame, or say nothing. */
const SHORTEST_LINE = 16;
/** A storage's signed links are different for each blob: beyond so many only what follows is kept from being printed. */
const MOST_LINKS = 200;
const SHORTEST_LINK_PART = 12;
/** Texts of which it is known that they hold nothing: a report is written once a second, with the same texts. */
const MOST_CLEAN = 4096;
const LONGEST_CLEAN = 500;
/** Stands for a text that holds a secret in a form that cannot be taken out of it. */
const HIDDEN = '(a text that holds a credential is not shown)';
const NONE = () => false;
/**
 * Everything of this run that may stand in no text: passwords, tokens, keys, signatures of links. Each is masked as soon
 * as it is known, and taken out of whatever is written.
 */
class Secrets {
    /** For what is quoted of a foreign response, at the place where it came in. */
    quoting = { body: (text) => this.#body(text), word: (text) => this.#word(text) };
    #forms = new Set();
    #mask;
    #digests = new Set();
    #words = [];
    /** What each secret from the wire added, the oldest first. */
    #wire = [];
    #ordered = [];
    #links = 0;
    /** Given secrets that are so short that they cannot be told from other text. */
    #short = [];
    #exact = new Needles();
    #inBodies = new Echo();
    #inLines = new Echo();
    #anyCase = new Needles();
    #clean = new Set();
    /** @param mask has the runner mask a text as well */
    constructor(mask = () => undefined) {
        this.#mask = mask;
    }
    /** Takes in a secret, in every form in which something may echo it. */
    add(secret) {
        if (secret.length < secrets_SHORTEST) {
            if (secret === '' || this.#short.includes(secret))
                return;
            this.#short.push(secret);
            this.#inBodies.add(tracesInBody(secret));
            return;
        }
        if (this.#forms.has(secret))
            return;
        this.#mask(secret);
        this.#keep(formsOf(secret));
        this.#trace(secret, tracesInBody(secret), tracesInLine(secret, NONE));
    }
    /**
     * Takes in what came over the wire as a secret, such as a token. A registry could name a word of ours, or a digest, to
     * have it blanked wherever it stands. So what looks like one is not taken for a secret, and the runner, which blanks
     * parts of words as well, is told only of what is long. Of many the latest are kept.
     */
    addFromWire(secret, shortestMasked = SHORTEST_MASKED_OF_WIRE) {
        if (secret.length < SHORTEST_OF_WIRE || this.#forms.has(secret) || isWord(secret))
            return;
        if (this.#words.some((word) => word.includes(secret)))
            return;
        if (secrets_HEX.test(secret)) {
            this.#digests.add(secret);
            this.#clean.clear();
            if (this.#digests.size > MOST_OF_WIRE)
                this.#digests.delete([...this.#digests][0] ?? '');
            return;
        }
        if (secret.length >= shortestMasked)
            this.#mask(secret);
        const all = secret.length > secrets_LONGEST_IN_ALL_FORMS ? [secret] : formsOf(secret);
        const forms = all.filter((form) => !this.#forms.has(form));
        this.#keep(forms);
        const isOurs = (text) => isWord(text) || secrets_HEX.test(text) || this.#words.some((word) => word.includes(text));
        const forget = this.#trace(secret, tracesInBody(secret), tracesInLine(secret, isOurs));
        this.#wire.push(() => {
            for (const form of forms)
                this.#forms.delete(form);
            this.#exact.remove(forms);
            forget();
        });
        if (this.#wire.length > MOST_OF_WIRE) {
            this.#wire.shift()?.();
            this.#order();
        }
    }
    /** Has texts stay what they are, whatever comes over the wire: what the user wrote, such as the names of tags. */
    spare(words) {
        this.#words.push(...words);
    }
    #keep(forms) {
        const long = forms.filter((form) => form.length >= secrets_SHORTEST);
        for (const form of long)
            this.#forms.add(form);
        this.#exact.add(long);
        this.#order();
    }
    #order() {
        // The longest first: a pair in base64 holds more than the part of it that is a secret by itself.
        this.#ordered = [...this.#forms].sort((one, other) => other.length - one.length);
        this.#clean.clear();
    }
    /** @returns what has it forgotten again */
    #trace(secret, inBody, inLine) {
        const anyCase = [secret.toLowerCase()];
        this.#inBodies.add(inBody);
        this.#inLines.add(inLine);
        this.#anyCase.add(anyCase);
        return () => {
            this.#inBodies.remove(inBody);
            this.#inLines.remove(inLine);
            this.#anyCase.remove(anyCase);
        };
    }
    /** Takes in a key in PEM form, line by line, also where its line breaks became blanks or `\\n` on the way here. */
    addPem(pem) {
        for (const line of pem.split(/(?:-----[^-]*-----|\\[rn]|\s)+/))
            if (line.length >= SHORTEST_LINE)
                this.add(line);
    }
    /**
     * Takes in what a link may be signed with: its query, and each long value in it.
     *
     * @param link where a registry leads
     * @param asked what was asked for: what stands there, such as a digest, is no secret
     */
    addLink(link, asked) {
        const query = link.search.slice(1);
        if (query === '')
            return;
        for (const value of [query, ...link.searchParams.values()]) {
            const long = value.length >= SHORTEST_LINK_PART && !asked.href.includes(value);
            if (!long || this.#forms.has(value) || this.#links >= MOST_LINKS)
                continue;
            this.#links++;
            this.addFromWire(value, SHORTEST_LINK_PART);
        }
    }
    /**
     * @returns the text without secrets, also where it was cut, with a …, in the middle of one. A text that holds one in a
     *   form that nobody can cut out is not shown at all
     */
    redact(text) {
        if (this.#ordered.length + this.#digests.size === 0 || this.#clean.has(text))
            return text;
        const exact = this.#withoutForms(text);
        if (this.#inLines.isInLine(exact))
            return HIDDEN;
        if (exact === text && text.length <= LONGEST_CLEAN) {
            if (this.#clean.size >= MOST_CLEAN)
                this.#clean.clear();
            this.#clean.add(text);
        }
        return exact;
    }
    #withoutForms(text) {
        const forms = this.#ordered;
        // What looks like a digest is taken for one where it is written as one.
        const bare = [...this.#digests].reduce((rest, hex) => rest.includes(hex) ? rest.replace(new RegExp(`(?<!sha(?:256|512):)\\b${hex}\\b`, 'g'), '***') : rest, text);
        const whole = this.#exact.isIn(bare)
            ? forms.reduce((rest, form) => rest.replaceAll(form, '***'), bare)
            : bare;
        if (!whole.includes('…'))
            return whole;
        const parts = whole.split('…');
        const cut = parts.slice(0, -1).map((part) => forms.reduce(withoutBeginning, part));
        return [...cut, parts.at(-1) ?? ''].join('…');
    }
    #body(text) {
        if (this.#short.length > 0)
            return undefined;
        if (this.#ordered.length + this.#digests.size === 0)
            return text;
        const exact = this.#withoutForms(text);
        return this.#inBodies.isIn(exact) ? undefined : exact;
    }
    #word(text) {
        const small = text.toLowerCase();
        const holds = this.#short.some((secret) => small.includes(secret.toLowerCase())) ||
            this.#anyCase.isIn(small) ||
            this.#inBodies.isIn(text) ||
            this.#withoutForms(text) !== text;
        return holds ? undefined : text;
    }
}
/** @returns the text without the beginning of a secret at its end. */
function withoutBeginning(text, secret) {
    for (let length = Math.min(secret.length - 1, text.length); length >= secrets_SHORTEST; length--)
        if (text.endsWith(secret.slice(0, length)))
            return `${text.slice(0, -length)}***`;
    return text;
}
/** What may well stand in a sentence of this run. */
function isWord(text) {
    const mixed = /[0-9]/.test(text) && /[A-Za-z]/.test(text);
    return /\s/.test(text) || OURS.test(text) || (text.length < SHORTEST_UNLIKE_A_WORD && !mixed);
}

;// CONCATENATED MODULE: ./src/report/log.ts


/** The runner keeps 10 annotations of a kind a step; past that the lines stand in the log only. */
const ANNOTATIONS = 9;
const log_LONGEST = 4000;
/**
 * @param redact takes secrets out of a text: the runner masks them as well, but what is never printed needs no mask
 * @returns a log for GitHub's runner: groups and annotations
 */
function actionsLog(redact) {
    let warnings = 0;
    let errors = 0;
    const safely = (text) => plain(redact(text));
    const info = (text) => core/* info */.pq(safely(text));
    const cut = (text) => {
        const safe = safely(text);
        return safe.length > log_LONGEST ? `${safe.slice(0, log_LONGEST)}…` : safe;
    };
    return {
        begin: (title) => core/* startGroup */.Oh(safely(title)),
        end: () => core/* endGroup */.N4(),
        info,
        notice: (text) => core/* notice */.lm(cut(text)),
        warning: (text) => (warnings++ < ANNOTATIONS ? core/* warning */.$e(cut(text)) : info(`Warning: ${text}`)),
        error: (text) => (errors++ < ANNOTATIONS ? core/* error */.z3(cut(text)) : info(`Error: ${text}`)),
        debug: (text) => core/* debug */.Yz(cut(text)),
    };
}

;// CONCATENATED MODULE: ./src/report/progress.ts
/** Work that is over sooner says so by itself. Milliseconds. */
const progress_SOON = 3_000;
/** Keeps count of long work, and says how far it has come whenever it is asked to. */
class Beats {
    #now;
    #say;
    #open = new Set();
    /**
     * @param now milliseconds, of whatever clock
     * @param say takes a line
     */
    constructor(now, say) {
        this.#now = now;
        this.#say = say;
    }
    of(what, total) {
        const open = { what, total, since: this.#now(), done: 0 };
        this.#open.add(open);
        return { done: () => void open.done++, end: () => void this.#open.delete(open) };
    }
    /** Says a line, if there is something that goes on for longer. */
    beat() {
        const parts = [...this.#open]
            .filter(({ since, total }) => total > 1 && this.#now() - since >= progress_SOON)
            .map((each) => this.#tell(each));
        if (parts.length > 0)
            this.#say(parts.join('; '));
    }
    #tell({ what, total, since, done }) {
        const seconds = (this.#now() - since) / 1000;
        const rate = done / seconds;
        const left = done === 0 ? 'nothing yet' : `${figure(rate)} a second, about ${progress_time((total - done) / rate)} left`;
        return `${done} of ${total} ${what}, ${left}`;
    }
}
function figure(rate) {
    return rate >= 10 ? String(Math.round(rate)) : rate.toFixed(1);
}
function progress_time(seconds) {
    if (seconds < 90)
        return `${Math.ceil(seconds)} s`;
    return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

;// CONCATENATED MODULE: ./src/stop.ts

/** What is in flight when the run is stopped has this long, in milliseconds: GitHub ends the process after 7.5 s. */
const GRACE = 4_000;
/** Hears what ends a run early: a signal, or the time limit. */
class Stopper {
    #stop = new AbortController();
    #kill = new AbortController();
    #timer;
    #rested = new AbortController();
    cancelled = false;
    late = false;
    /** No new work. */
    get stop() {
        return this.#stop.signal;
    }
    /** Nothing in flight either. */
    get kill() {
        return this.#kill.signal;
    }
    /** @param cancel aborted when somebody ends the run */
    hear(cancel) {
        const stop = () => {
            // After the end there is nothing left to stop.
            if (this.#rested.signal.aborted)
                return;
            this.cancelled = true;
            this.#begin();
        };
        if (cancel.aborted)
            stop();
        else
            cancel.addEventListener('abort', stop, { once: true });
    }
    /** @param ms after which the run stops by itself */
    limit(ms) {
        void systemClock.sleep(ms, this.#rested.signal).then(() => {
            if (this.#rested.signal.aborted || this.cancelled)
                return;
            this.late = true;
            this.#begin();
        });
    }
    /** The run is over: no timer holds the process. */
    rest() {
        this.#rested.abort();
        clearTimeout(this.#timer);
        // Whatever an error left in flight must not hold the process, nor be tried again.
        this.#stop.abort();
        this.#kill.abort();
    }
    #begin() {
        this.#stop.abort();
        this.#timer ??= setTimeout(() => this.#kill.abort(), GRACE);
    }
}

;// CONCATENATED MODULE: ./src/survey/referrers.ts





const referrers_PAGES = 1000;
const REFERRERS = 100_000;
/**
 * Asks the referrers API for what refers to a manifest, to the last page (distribution-spec 1.1, end-12). A registry
 * that has the API answers 200 with an index, also when nothing refers; anything at 404 means that it has none. A list
 * that comes out of a cache is asked for once more, with a query that no cache knows.
 *
 * @param fresh on a connection of its own
 * @throws WireError
 */
async function listReferrers(client, repository, subject, fresh = false) {
    const first = await referrers_listOnce(client, repository, subject, { fresh });
    if (!('cache' in first))
        return first;
    const second = await referrers_listOnce(client, repository, subject, { fresh, cacheBuster: client.newCacheBuster() });
    if (!('cache' in second))
        return second;
    return unclear(subject, `comes out of a cache (${second.cache}), also when it is asked for past caches`);
}
async function referrers_listOnce(client, repository, subject, reading) {
    const digests = new Set();
    const trail = new Trail(new URL(`/v2/${repository}/referrers/${subject}`, client.origin));
    let page;
    for (let pages = 0; pages < referrers_PAGES; pages++) {
        const response = await client.referrers(repository, subject, page, reading);
        const cache = cacheOf(response);
        if (cache !== undefined)
            return { cache };
        if (page === undefined && isAbsent(response))
            return { is: 'absent', sure: hasNoRoute(response) };
        const body = response.status === 200 && !response.cut ? parseJson(response.body) : undefined;
        const entries = entriesIn(body);
        if (entries === undefined)
            return unclear(subject, `was answered with ${describe(response)}`);
        const before = digests.size;
        for (const digest of entries)
            digests.add(digest);
        if (digests.size > REFERRERS)
            return unclear(subject, `names more than ${REFERRERS} of them`);
        const next = trail.next(response, body, digests.size > before, digests.size);
        if (next === undefined)
            return { is: 'listed', digests: [...digests] };
        if (typeof next === 'string')
            return unclear(subject, next);
        page = next;
    }
    return unclear(subject, `has more than ${referrers_PAGES} pages`);
}
function unclear(subject, what) {
    return { is: 'unclear', why: `the list of referrers of ${subject} ${what}` };
}
/** No such endpoint; a web front that answers every unknown path with a page of HTML counts as none, too. */
function isAbsent(response) {
    if ([404, 405, 501].includes(response.status))
        return true;
    if (response.status === 400)
        return hasCode(response, 'UNSUPPORTED');
    return (response.status === 200 && (response.headers.get('content-type') ?? '').toLowerCase().includes('html'));
}
/** The words of Go's own router, with which distribution answers for a path that it does not know. */
function hasNoRoute({ status, headers, body }) {
    return (status === 404 &&
        (headers.get('content-type') ?? '').startsWith('text/plain') &&
        Buffer.from(body.subarray(0, 100)).toString('utf8').trim() === '404 page not found');
}
function entriesIn(body) {
    const manifests = body?.manifests;
    if (manifests === null)
        return [];
    if (!Array.isArray(manifests))
        return undefined;
    const digests = manifests.map((each) => parseDigest(each?.digest));
    return digests.every((digest) => digest !== undefined) ? digests : undefined;
}

;// CONCATENATED MODULE: ./src/survey/capabilities.ts


const capabilities_TIMEOUT = 60_000;
/**
 * What the registry can do, found out by asking, and remembered for the run: versions and names of products are never
 * looked at. Every probe names something random that does not exist, so it changes nothing.
 */
class Capabilities {
    #client;
    #random;
    #referrers = new Map();
    /** Repositories where a tag cannot be deleted by its name: a front may lead each to another registry. */
    #noTagEndpoint = new Set();
    /** Repositories where a DELETE takes digests only, as on distribution 2.x. */
    #digestsOnly = new Set();
    /** What the probe of manifests came to. */
    #manifests = new Map();
    constructor(client, random) {
        this.#client = client;
        this.#random = random;
    }
    /** Whether tags of a repository go with their manifests only, as far as is known by now. */
    tagsGoWithManifests(repository) {
        return this.#noTagEndpoint.has(repository);
    }
    /**
     * Whether a repository keeps manifests that lose their last tag: distribution 2.x does, which is known by its response to
     * the DELETE of a tag. Of other registries without a tag endpoint nothing is known.
     */
    keepsUntagged(repository) {
        return this.#digestsOnly.has(repository);
    }
    /** Whether a repository has the referrers API, as far as is known by now. */
    async hasReferrersApi(repository) {
        return (await this.#referrers.get(repository)?.catch(() => true)) ?? false;
    }
    /** Remembers that a real tag could not be deleted by its name. */
    noteNoTagEndpoint(repository) {
        this.#noTagEndpoint.add(repository);
    }
    /**
     * The probe: one DELETE of a random manifest digest and one of a random blob digest. Distribution 3.0.0 deletes tags
     * although deletion is off (CVE-2026-41888), so this comes before any write.
     *
     * @returns what the registry said for manifests and for blobs
     * @throws WireError when no answer came
     */
    async deletion(repository) {
        const [manifestDeletion, blobDeletion] = await Promise.all([
            this.#manifestDeletion(repository),
            this.blobDeletion(repository),
        ]);
        return { manifestDeletion, blobDeletion };
    }
    /**
     * Finds the way to remove a label so that its manifest stays: the tag endpoint; GitLab's own; and where neither is
     * there (2.x) a placeholder, which needs the deletion of manifests. Each is given up only for an answer that says
     * that it is not there, never because something merely failed (safety rule 7).
     *
     * @throws WireError when no answer came
     */
    async untagging(repository) {
        if (!this.#noTagEndpoint.has(repository)) {
            const response = await this.#client.deleteManifest(repository, this.#nobody(), PROBE);
            if (!isUnsupportedForTags(response))
                return by('tag', capabilities_judge(response));
            this.#noTagEndpoint.add(repository);
            if (hasCode(response, 'DIGEST_INVALID'))
                this.#digestsOnly.add(repository);
        }
        const response = await this.#client.deleteTagReference(repository, this.#nobody(), PROBE);
        // It is part of no specification: that it is not there is the usual case, in whatever words.
        const missing = [404, 405, 501].includes(response.status) && !isUnknown(response);
        if (!missing && !isUnsupportedForTags(response))
            return by('gitlab', capabilities_judge(response));
        return by('placeholder', this.#manifests.get(repository) ?? (await this.#manifestDeletion(repository)));
    }
    /**
     * What refers to a manifest, by the referrers API. Whether a repository has that API, its first answer tells, and
     * where that may have been a hiccup a second one; without it nothing more is asked there.
     *
     * @throws WireError
     */
    async referrers(repository, subject) {
        const known = this.#referrers.get(repository);
        if (known === undefined) {
            const first = this.#firstReferrers(repository, subject);
            const answer = first.then(({ is }) => is !== 'absent');
            answer.catch(() => undefined);
            this.#referrers.set(repository, answer);
            return first;
        }
        if (!(await known))
            return { is: 'absent', sure: true };
        const listing = await listReferrers(this.#client, repository, subject);
        // Where there is such an API it answers for every manifest, so this is a failure and no "nothing refers".
        return listing.is === 'absent'
            ? {
                is: 'unclear',
                why: `the list of referrers of ${subject} was answered as if there were no such API`,
            }
            : listing;
    }
    /** One replica that lags behind, or a page of a proxy, must not hide all signatures. */
    async #firstReferrers(repository, subject) {
        const first = await listReferrers(this.#client, repository, subject);
        if (first.is !== 'absent' || first.sure)
            return first;
        // A registry that has the API answers for any digest, also for one that never existed.
        const other = await listReferrers(this.#client, repository, this.#nothing(), true);
        if (other.is === 'absent')
            return first;
        const again = await listReferrers(this.#client, repository, subject, true);
        return again.is === 'absent'
            ? {
                is: 'unclear',
                why: `the list of referrers of ${subject} was answered as if there were no such API, which answers for other digests`,
            }
            : again;
    }
    /**
     * The same, where a real tag was refused by the tag endpoint although the probe was not.
     *
     * @throws WireError when no answer came
     */
    untaggingWithout(repository) {
        this.#noTagEndpoint.add(repository);
        return this.untagging(repository);
    }
    /** Asks whether blobs can be deleted. @throws WireError when no answer came */
    blobDeletion(repository) {
        return this.#client.deleteBlob(repository, this.#nothing(), PROBE).then(capabilities_judge);
    }
    async #manifestDeletion(repository) {
        const deletion = capabilities_judge(await this.#client.deleteManifest(repository, this.#nothing(), PROBE));
        this.#manifests.set(repository, deletion);
        return deletion;
    }
    #nothing() {
        return `sha256:${this.#random.hex(32)}`;
    }
    #nobody() {
        return `registry-purge-probe-${this.#random.hex(16)}`;
    }
}
const PROBE = { purpose: 'probe', timeout: capabilities_TIMEOUT };
function by(way, deletion) {
    return deletion.is === 'on' ? { is: 'possible', way } : { is: 'impossible', deletion };
}
/** Yes is a 404 with a `*_UNKNOWN` code in a JSON body; nothing else is. */
function capabilities_judge(response) {
    const why = describe(response);
    if (isUnknown(response))
        return { is: 'on' };
    if (isDenied(response))
        return { is: 'denied', why };
    if (response.status === 405 || hasCode(response, 'UNSUPPORTED'))
        return { is: 'off', why, readOnly: errorEntries(response.body).length === 0 && readsOnly(response) };
    return { is: 'unclear', why };
}
/** Distribution in read-only mode has no DELETE route at all: 405 in plain text with `Allow: GET, HEAD`. */
function readsOnly(response) {
    const allow = response.headers.get('allow');
    return allow !== undefined && !allow.toUpperCase().includes('DELETE');
}

;// CONCATENATED MODULE: ./src/main.ts























/** Milliseconds between the last word and the end of the process, at the most. */
const LINGER = 500;
/** Milliseconds between two lines that say how far long work has come. */
const BEAT = 5_000;
/**
 * The action: inputs → survey → plan → purge → proof → report. Sets outputs and exit status; never throws.
 *
 * @param cancel aborted when the runner asks for the end
 * @param streams tells whether the log could be written
 */
async function main(cancel, streams) {
    const started = systemClock.now();
    const secrets = new Secrets((secret) => core/* setSecret */.Pq(secret));
    const redact = (text) => secrets.redact(text);
    const log = actionsLog(redact);
    const run = runContext();
    const read = readInputs(process.env, started);
    for (const secret of [...read.secrets, ...proxySecrets()])
        if (secret.includes('-----BEGIN'))
            secrets.addPem(secret);
        else
            secrets.add(secret);
    const report = emptyReport(read, started);
    const counts = {};
    report.requests = counts;
    const stopper = new Stopper();
    stopper.hear(cancel);
    const fallbacks = defaultReportFiles(started);
    const record = new Record(report, read.reportFile ?? fallbacks[0], systemClock, redact);
    let wrote = false;
    try {
        if (read.settings === undefined) {
            report.problems.push(...read.problems);
            report.result = 'refused';
        }
        else {
            record.write();
            stopper.limit(read.settings.timeout);
            report.result = await engine(read.settings, { log, record, counts, stopper, secrets }, () => {
                wrote = true;
                report.result = 'incomplete';
            });
        }
    }
    catch (error) {
        report.problems.push(explain(error, stopper, read));
        report.result = stopper.cancelled ? 'cancelled' : wrote ? 'incomplete' : 'refused';
        if (stopper.cancelled)
            cancelOpen(report);
    }
    finally {
        stopper.rest();
    }
    report.run = await run;
    report.endedAt = time(systemClock.now());
    if (streams.lost !== undefined)
        report.warnings.push(`The log of this run is not complete: it could not be written (${streams.lost})`);
    conclude(record, {
        fallbacks,
        redact,
        log,
        outputs: { variable: 'GITHUB_OUTPUT', path: process.env['GITHUB_OUTPUT'] },
        summary: { variable: 'GITHUB_STEP_SUMMARY', path: process.env['GITHUB_STEP_SUMMARY'] },
    });
    process.exitCode = ['purged', 'planned', 'nothing-to-do'].includes(report.result) ? 0 : 1;
    // What cannot be aborted, such as a name look-up of the system, must not hold the process for longer.
    setTimeout(() => process.exit(), LINGER).unref();
}
async function engine(settings, { log, record, counts, stopper, secrets }, wrote) {
    const { origin, verifyTls } = settings;
    secrets.spare(Object.values(settings.shown));
    const found = await credentialsFor(settings, stopper);
    for (const secret of found.credentials === undefined ? [] : credentials_secretsOf(found.credentials))
        secrets.add(secret);
    log.info(`registry-purge ${VERSION}: ${origin}, ${access(found)}`);
    if (!verifyTls)
        log.warning(`tls-verify is false: whoever stands between this runner and ${origin} can read the password and fake every answer. Give the authority in \`ca-certificate\` instead`);
    const { client, close } = connect(settings, {
        clock: systemClock,
        random: systemRandom,
        counts,
        stop: stopper.stop,
        kill: stopper.kill,
        proxy: proxySettings(),
        found,
        secrets,
        ...(process.env['RUNNER_DEBUG'] === '1' && { trace: (line) => log.debug(line) }),
    });
    const narrator = new Narrator(log, settings.named.length > 1);
    const beats = new Beats(() => systemClock.now(), (line) => narrator.progress(line));
    const beating = setInterval(() => beats.beat(), BEAT);
    const letGrow = keepSmall();
    try {
        const ports = {
            client,
            capabilities: new Capabilities(client, systemRandom),
            clock: systemClock,
            random: systemRandom,
            log,
            narrator,
            record,
            progress: beats,
        };
        return settings.cleanup === undefined
            ? await incident(settings, ports, wrote)
            : await cleanup(settings, settings.cleanup, ports, wrote);
    }
    finally {
        clearInterval(beating);
        letGrow();
        narrator.close();
        close();
    }
}
/** Looks into the Docker config where the inputs hold no credentials. @throws CredentialsError */
function credentialsFor({ origin, basic: given }, { stop }) {
    const folder = process.env['DOCKER_CONFIG'] || (0,external_node_path_.join)((0,external_node_os_.homedir)(), '.docker');
    // What the inputs hold is no affair of another program.
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith('INPUT_')));
    return findCredentials({ origin, given, folder, environment, signal: stop });
}
function access({ credentials, source }) {
    return credentials === undefined ? `anonymous (${source})` : `credentials from ${source}`;
}
function explain(error, stopper, { settings }) {
    if (stopper.cancelled)
        return 'The run was cancelled. What had been begun stands in the report; run again to finish it';
    if (stopper.late)
        return `timeout: the run took longer than ${settings?.shown['timeout'] ?? ''} and was stopped. Run again with a longer \`timeout\`; what is gone already is proven again`;
    if (error instanceof WireError || error instanceof Stopped || error instanceof CredentialsError)
        return error.message;
    const code = error?.code;
    if (typeof code === 'string' && error instanceof Error && 'syscall' in error)
        return `report-file: the report cannot be written (${code}). Name a path in a folder that this job may write to`;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : 'an unknown failure';
    return `registry-purge has a defect: ${text}. Please report it, with the log`;
}
/** A repository that a cancelled run was in, or never came to, was neither refused nor found incomplete. */
function cancelOpen(report) {
    for (const entry of report.repositories)
        if (!['purged', 'nothing-to-do'].includes(entry.result))
            entry.result = 'cancelled';
}
function emptyReport(read, started) {
    return {
        schema: 1,
        result: 'refused',
        registry: read.shown['registry'] ?? null,
        fingerprint: null,
        startedAt: time(started),
        endedAt: null,
        reason: read.reason ?? null,
        run: {
            repository: '',
            workflow: '',
            url: '',
            attempt: 1,
            actor: '',
            event: '',
            commit: '',
            actionVersion: VERSION,
        },
        inputs: { ...read.shown },
        repositories: [],
        requests: {},
        problems: [],
        warnings: [],
    };
}
/** @returns where a report goes that has no place of its own, and where if that cannot be written */
function defaultReportFiles(started) {
    const stamp = time(started).replaceAll(':', '-');
    const name = `registry-purge-${stamp}-${(0,external_node_crypto_.randomUUID)().slice(0, 8)}.json`;
    return [(0,external_node_path_.join)(process.env['RUNNER_TEMP'] || (0,external_node_os_.tmpdir)(), name), (0,external_node_path_.join)((0,external_node_os_.tmpdir)(), name)];
}
/** The chunk that holds @actions/github is loaded beside the first requests, not before them. */
async function runContext() {
    const context = await __webpack_require__.e(/* import() */ 413).then(__webpack_require__.bind(__webpack_require__, 2413)).then((github) => github.context, 
    // It also reads the file of the event, which may be gone or broken: nothing of a run depends on that.
    () => contextOf(process.env));
    const repository = process.env['GITHUB_REPOSITORY'] ?? '';
    return {
        repository,
        workflow: context.workflow ?? '',
        url: Number.isInteger(context.runId)
            ? `${context.serverUrl}/${repository}/actions/runs/${context.runId}`
            : '',
        attempt: Number.isInteger(context.runAttempt) ? context.runAttempt : 1,
        actor: context.actor ?? '',
        event: context.eventName ?? '',
        commit: context.sha ?? '',
        actionVersion: VERSION,
    };
}
/** What the variables of the runner say of the run. */
function contextOf(environment) {
    return {
        workflow: environment['GITHUB_WORKFLOW'],
        serverUrl: environment['GITHUB_SERVER_URL'] ?? 'https://github.com',
        runId: Number.parseInt(environment['GITHUB_RUN_ID'] ?? '', 10),
        runAttempt: Number.parseInt(environment['GITHUB_RUN_ATTEMPT'] ?? '', 10),
        actor: environment['GITHUB_ACTOR'],
        eventName: environment['GITHUB_EVENT_NAME'],
        sha: environment['GITHUB_SHA'],
    };
}
function proxySettings() {
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];
    return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
/** The user and password that a proxy's address may hold. */
function proxySecrets() {
    return Object.values(proxySettings()).flatMap((value) => {
        if (value === undefined || !URL.canParse(value))
            return [];
        const { username, password } = new URL(value);
        if (password === '')
            return [];
        const plain = [username, password].map((part) => decode(part)).join(':');
        return [password, decode(password), Buffer.from(plain, 'utf8').toString('base64')];
    });
}
function decode(text) {
    try {
        return decodeURIComponent(text);
    }
    catch {
        return text;
    }
}


/***/ })

};
