export const id = 680;
export const ids = [680];
export const modules = {

/***/ 4680:
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

/** A digest must match this before it is used in a URL: distribution 3.x treats a malformed digest as a tag, and returns 500. */
const CANONICAL = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
/** The hex digits of a digest, also without the algorithm, as in the `{"sha256":"<hex>"}` of in-toto. */
const WRITTEN = /(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{128})(?![0-9a-f])/g;
/**
 * The well-known empty blobs: `{}`, no bytes, and two gzipped empty tars. They are never deleted (safety rule 4): they
 * hold no data, and untagged content, which cannot be listed, may share them.
 */
const EMPTY_BLOBS = new Set([
    'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4',
    'sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1',
]);
/** @returns the digest, or undefined if `text` is not one in canonical form */
function parseDigest(text) {
    return typeof text === 'string' && CANONICAL.test(text) ? text : undefined;
}
/** @returns the sha256 digest of `bytes` */
function sha256(bytes) {
    return `sha256:${(0,external_node_crypto_.createHash)('sha256').update(bytes).digest('hex')}`;
}
/** @returns whether `bytes` have this digest, under the digest's own algorithm */
function matches(digest, bytes) {
    const [algorithm = '', hex] = digest.split(':');
    return (0,external_node_crypto_.createHash)(algorithm).update(bytes).digest('hex') === hex;
}
/**
 * Finds every digest in the text of a manifest of unknown kind.
 *
 * @returns each digest once, in order of appearance
 */
function digestsWrittenIn(text) {
    const hex = new Set(text.match(WRITTEN) ?? []);
    return [...hex].map((each) => `${each.length === 64 ? 'sha256' : 'sha512'}:${each}`);
}
/** @returns the digest cut to 12 hex digits, for a line of text */
function digest_short(digest) {
    const [algorithm, hex = ''] = digest.split(':');
    return `${algorithm}:${hex.slice(0, 12)}`;
}

;// CONCATENATED MODULE: ./src/oci/tag.ts
/** OCI distribution-spec 1.1, "Pulling manifests": the grammar of a tag. */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
/** The referrers tag of the specification, whose encoded part has at most 64 characters, and three tags of cosign. */
const DERIVED = /^((?:sha256|sha512)-[0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/;
/** @returns the tag, or undefined if `text` does not match the grammar */
function parseTag(text) {
    return typeof text === 'string' && TAG.test(text) ? text : undefined;
}
/**
 * Finds the tag under which Helm stores a chart's version: with `_` for `+`, which separates the build in a version and
 * which no tag can hold.
 *
 * @returns undefined if `version` has no `+`, or would not be a tag with `_` either
 */
function storedByHelm(version) {
    return version.includes('+') ? parseTag(version.replaceAll('+', '_')) : undefined;
}
/** @returns those of the tags that differ from a name only by case, or by `.`, `_` and `-` in place of each other */
function alike(name, tags) {
    const fold = (tag) => tag.toLowerCase().replaceAll(/[._-]/g, '-');
    const folded = fold(name);
    return tags.filter((tag) => tag !== name && fold(tag) === folded);
}
/**
 * Finds the manifest that a tag belongs to by its name: `sha256-<hex>`, also with `.sig`, `.att` or `.sbom`.
 *
 * @returns the key of the manifest, as `keyOf` returns it; undefined for any other tag
 */
function subjectKey(tag) {
    return DERIVED.exec(tag)?.[1];
}
/** @returns the prefix of all tags that belong to this manifest by their name (distribution-spec 1.1, end-12) */
function keyOf(digest) {
    const [algorithm = '', hex = ''] = digest.split(':');
    return `${algorithm}-${hex.slice(0, 64)}`;
}

;// CONCATENATED MODULE: ./src/oci/glob.ts

/**
 * Checks whether an entry of `protected-tags` protects a tag. A tag that belongs to an image by its name (`sha256-…`)
 * is deleted or kept with that image, so only an entry equal to its whole name protects it.
 */
function guards(glob, tag) {
    return subjectKey(tag) === undefined ? glob.matches(tag) : glob.text === tag;
}
const TAGS = { what: 'tag', literal: /[A-Za-z0-9._-]/, members: /^[A-Za-z0-9._-]+$/ };
const REPOSITORIES = {
    what: 'repository',
    literal: /[a-z0-9._/-]/,
    members: /^[a-z0-9._-]+$/,
};
/** Helm stores the version of a chart as its tag, but a + as _. So a glob with a + would never match. */
const HELM = '. If it is the + of a Helm version, write _ in its place: Helm stores it as _';
/** Patterns that the braces of one glob may expand to, at most. */
const ALTERNATIVES = 1000;
/**
 * Compiles a glob for tags: `*` and `**` match any number of characters (a tag has no `/`), `?` matches one character,
 * `[a-z]` one character of a class, `{a,b}` one of several texts. The whole name must match. The glob is not translated
 * into a regular expression, because some of these would take exponential time for a long name.
 */
function compileTagGlob(text) {
    return compile(text, TAGS);
}
/** Compiles a glob for repositories. The syntax is that of globs for tags, but only `**` matches a slash. */
function compileRepositoryGlob(text) {
    return compile(text, REPOSITORIES);
}
function compile(text, alphabet) {
    const foreign = [...text].find((character) => !alphabet.literal.test(character) && !'*?[]{},'.includes(character));
    if (foreign !== undefined) {
        const helm = foreign === '+' && alphabet === TAGS ? HELM : '';
        return {
            wrong: `no ${alphabet.what} can hold ${JSON.stringify(foreign)}: these are globs (* ? [a-z] {a,b}), not regular expressions${helm}`,
        };
    }
    const expanded = expandBraces(text);
    if ('wrong' in expanded)
        return expanded;
    const patterns = [];
    for (const each of expanded.value) {
        const steps = parseSteps(each, alphabet);
        if ('wrong' in steps)
            return steps;
        patterns.push(steps.value);
    }
    return { value: { text, matches: (name) => patterns.some((steps) => fits(steps, name)) } };
}
/** Expands the braces, the innermost first. */
function expandBraces(text) {
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
            return { wrong: `it expands to more than ${ALTERNATIVES} globs` };
        if (!found)
            break;
        open = next;
    }
    const [first = ''] = open;
    const closing = first.indexOf('}');
    if (closing >= 0 && !first.slice(0, closing).includes('{'))
        return { wrong: 'a } without {' };
    if (first.includes('{'))
        return { wrong: 'a { without }' };
    if (open.some((each) => each.includes(',')))
        return { wrong: 'a comma outside { }, which no name can hold' };
    return { value: [...new Set(open)] };
}
function parseSteps(text, alphabet) {
    const steps = [];
    for (let at = 0; at < text.length; at++) {
        const character = text.charAt(at);
        if (character === '*') {
            const last = steps.at(-1);
            // `**` matches everything that the `*` before it could match.
            if (last === 'part')
                steps[steps.length - 1] = 'run';
            else if (last !== 'run')
                steps.push('part');
        }
        else if (character === '?')
            steps.push('any');
        else if (character === ']')
            return { wrong: 'a ] without [' };
        else if (character !== '[')
            steps.push(new Set(character));
        else {
            const end = text.indexOf(']', at + 1);
            const members = parseClass(end < 0 ? '' : text.slice(at + 1, end), alphabet);
            if ('wrong' in members)
                return members;
            steps.push(members.value);
            at = end;
        }
    }
    return { value: steps };
}
function parseClass(inner, alphabet) {
    if (!alphabet.members.test(inner))
        return { wrong: 'the class [ ] is empty, is not closed, or holds a special character of globs' };
    const members = new Set();
    for (let at = 0; at < inner.length; at++) {
        const first = inner.charCodeAt(at);
        const isRange = inner.charAt(at + 1) === '-' && at + 2 < inner.length;
        const last = isRange ? inner.charCodeAt(at + 2) : first;
        if (last < first)
            return { wrong: `the range in [${inner}] runs backwards` };
        for (let code = first; code <= last; code++)
            members.add(String.fromCharCode(code));
        if (isRange)
            at += 2;
    }
    return { value: members };
}
/**
 * Matches a whole name. After a mismatch, it extends the match of the last `part` if possible, otherwise that of the last
 * `run`. Earlier steps need no second attempt: the last ones can match everything that they could.
 */
function fits(steps, name) {
    let step = 0;
    let at = 0;
    const part = { step: -1, from: 0 };
    const run = { step: -1, from: 0 };
    while (at < name.length) {
        const wanted = steps[step];
        const character = name.charAt(at);
        if (wanted === 'run') {
            run.step = step++;
            run.from = at;
            part.step = -1;
        }
        else if (wanted === 'part') {
            part.step = step++;
            part.from = at;
        }
        else if (wanted !== undefined && (wanted === 'any' ? character !== '/' : wanted.has(character))) {
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

;// CONCATENATED MODULE: ./src/oci/instant.ts
/** RFC 3339, "Internet Date/Time Format": lower-case letters are accepted, leap seconds are not. */
const INSTANT = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,30}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
/** The start of the year 0000 and the end of 9999, in milliseconds since the epoch. */
const [FIRST, END] = [-62_167_219_200_000, 253_402_300_800_000];
/**
 * Parses a time in RFC 3339 format with microseconds: images of one build can be less than a millisecond apart.
 *
 * @returns milliseconds since the epoch, with a fraction, or undefined if there is no such time (30 February)
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
    // Date.UTC would move a year below 100 into the 20th century.
    date.setUTCFullYear(year, month - 1, day);
    if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day)
        return undefined;
    const offset = (Number(offHour) * 60 + Number(offMinute)) * (sign === '-' ? -1 : 1);
    const local = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
    const instant = local - offset * 60_000 + Math.floor(Number(`0.${fraction}0`) * 1e6) / 1000;
    // An offset can move the time out of the years 0000 to 9999.
    return instant < FIRST || instant >= END ? undefined : instant;
}

;// CONCATENATED MODULE: ./src/config/text/values.ts
/** Trims only ASCII white space: a BOM or a no-break space is a mistake that the user must see. */
function trim(text) {
    return text.replace(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, '');
}
/**
 * Splits a list at line breaks, and at commas outside `{}` and `[]`. Empty entries and lines that begin with `#` are
 * left out.
 */
function splitList(text) {
    const entries = [];
    for (const line of text.split(/\r\n|\n|\r/)) {
        if (trim(line).startsWith('#'))
            continue;
        let depth = 0;
        let entry = '';
        for (const character of line) {
            if (character === '{' || character === '[')
                depth++;
            if (character === '}' || character === ']')
                depth = Math.max(0, depth - 1);
            if (character === ',' && depth === 0) {
                entries.push(entry);
                entry = '';
            }
            else
                entry += character;
        }
        entries.push(entry);
    }
    return entries.map(trim).filter((entry) => entry !== '');
}
/** Parses a boolean in the spellings of YAML 1.2's core schema. */
function parseBoolean(text) {
    if (['true', 'True', 'TRUE'].includes(text))
        return { value: true };
    if (['false', 'False', 'FALSE'].includes(text))
        return { value: false };
    return { wrong: 'write `true` or `false`' };
}
/** Parses a whole decimal number from `least` to `most`. */
function parseInteger(text, least, most) {
    const value = /^(?:0|[1-9][0-9]{0,8})$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most)
        return { value };
    return { wrong: `write a whole number from ${least} to ${most}` };
}
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST = 36_500 * 86_400_000;
/**
 * Parses a duration such as `500ms`, `90s`, `15m`, `36h` or `14d`.
 *
 * @param zero whether 0 is accepted
 * @returns milliseconds
 */
function parseDuration(text, zero) {
    const [, digits, unit = ''] = /^(0|[1-9][0-9]{0,11})(ms|s|m|h|d)$/.exec(text) ?? [];
    const value = digits === undefined ? Number.NaN : Number(digits) * (UNITS[unit] ?? Number.NaN);
    if (value > LONGEST)
        return { wrong: 'write a duration of at most `36500d`' };
    if (Number.isNaN(value))
        return { wrong: 'write a duration such as `0s`, `500ms`, `90s`, `15m`, `36h` or `14d`' };
    if (value === 0 && !zero)
        return { wrong: 'write a duration of more than 0' };
    return { value };
}
/** Parses one of several words. */
function parseChoice(text, choices) {
    const value = choices.find((each) => each === text);
    return value === undefined
        ? { wrong: `write one of ${choices.map((each) => `\`${each}\``).join(', ')}` }
        : { value };
}
/** Characters of a value that a message quotes, at most. */
const LENGTH = 200;
/** @returns a value for a message: quoted, cut to a bounded length, and without the user and password of a URL */
function quoted(value) {
    const bare = withoutCredentials(value).replace(/^(\w+:\/\/)[^@]*:[^@]*$/, (whole, scheme) => /:\d+$/.test(whole) ? whole : `${scheme}…`);
    return JSON.stringify(bare.length > LENGTH ? `${bare.slice(0, LENGTH)}…` : bare);
}
/**
 * Masks credentials as in `https://user:password@host`: on each line, all text before the last `@`, except an `@` before
 * a digest.
 */
function withoutCredentials(value) {
    return value
        .split('\n')
        .map((line) => {
        const last = line
            .replace(/@sha(?:256|512):[^,@]*/g, (found) => ' '.repeat(found.length))
            .lastIndexOf('@');
        if (last < 0)
            return line;
        // A password may hold any character, even a comma or a slash, so only the scheme is kept.
        return `${/^[\w.+-]*:\/\//.exec(line)?.[0] ?? ''}***${line.slice(last)}`;
    })
        .join('\n');
}

;// CONCATENATED MODULE: ./src/oci/reference.ts


/** OCI distribution-spec 1.1: the grammar of `<name>`. */
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
/** Characters, at most: the limit of common clients. The specification has none. */
const REPOSITORY_LENGTH = 255;
/** @returns the repository name, or undefined if `text` does not match the grammar */
function parseRepository(text) {
    return text.length <= REPOSITORY_LENGTH && REPOSITORY.test(text) ? text : undefined;
}
/**
 * Splits a reference into its parts: `[host/]repository[:tag][@digest]`.
 *
 * @param text the reference, without white space around it
 * @param isHost decides whether a first component with a dot is a host. Not called for a component with a colon or for
 *   `localhost`, which are always hosts
 */
function parseReference(text, isHost) {
    if (text.includes('://'))
        return { wrong: 'write the host without a scheme' };
    const at = text.indexOf('@');
    const name = at < 0 ? text : text.slice(0, at);
    const digest = at < 0 ? undefined : parseDigest(text.slice(at + 1));
    if (at >= 0 && digest === undefined)
        return { wrong: 'the digest must be sha256: and 64 lower-case hex digits' };
    const slash = name.indexOf('/');
    const first = slash < 0 ? '' : name.slice(0, slash);
    const hosted = first !== '' && (first.includes(':') || first === 'localhost' || (first.includes('.') && isHost(first)));
    const path = hosted ? name.slice(slash + 1) : name;
    const colon = path.indexOf(':');
    const repository = parseRepository(colon < 0 ? path : path.slice(0, colon));
    if (repository === undefined)
        return { wrong: 'the repository is not a valid name (lower-case letters, digits, . _ - and /)' };
    const written = colon < 0 ? undefined : path.slice(colon + 1);
    const tag = parseTag(written);
    if (written !== undefined && tag === undefined)
        return {
            wrong: tagProblem(written, text.slice(0, name.length - written.length), text.slice(name.length)),
        };
    if (tag === undefined && digest === undefined)
        return { wrong: 'neither a tag nor a digest is given' };
    const reference = {
        repository,
        ...(hosted && { host: first }),
        ...(tag !== undefined && { tag }),
        ...(digest !== undefined && { digest }),
    };
    return { value: reference };
}
/** @param before the text in front of the tag @param after the text behind it */
function tagProblem(tag, before, after) {
    const stored = storedByHelm(tag);
    return stored === undefined
        ? 'the tag is not a valid name (letters, digits, . _ -, at most 128)'
        : `no tag can hold a +, which Helm stores as _, so the reference of such a chart is \`${before}${stored}${after}\``;
}

;// CONCATENATED MODULE: ./src/config/ask/searched.ts


/** Reads a list of repositories and globs of repositories. */
function readSearched(reader, input) {
    const entries = reader.list(input);
    if (entries.length === 0 && reader.text(input) !== '')
        reader.addProblem(input, 'it holds no entry; write names or globs of repositories');
    return entries.flatMap((entry) => {
        const searched = parseSearched(entry);
        if ('value' in searched)
            return searched.value;
        reader.addValueProblem(input, entry, searched.wrong);
        return [];
    });
}
function parseSearched(entry) {
    const name = parseRepository(entry);
    if (name !== undefined)
        return { value: { name } };
    const glob = compileRepositoryGlob(entry);
    if ('wrong' in glob)
        return glob;
    if (/[*?[{]/.test(entry))
        return { value: { glob: glob.value } };
    return {
        wrong: "it is neither a repository (lower-case letters, digits, . _ - and /, without the registry's host) nor a glob",
    };
}

;// CONCATENATED MODULE: ./src/config/ask/cleanup.ts




/** Inputs that only a cleanup has. If one of them is given, the run is a cleanup. */
const CLEANUP_INPUTS = ['repositories', 'tags', 'older-than', 'keep-newest', 'as-of'];
/** The highest count that an input accepts. */
const MOST = 1_000_000;
/**
 * Reads the inputs of a cleanup.
 *
 * @param now milliseconds since the epoch; `as-of` must not be later
 * @returns undefined if no input of a cleanup is given
 */
function readCleanup(reader, now) {
    // `max-deletions` has a default, so it is checked in an incident too.
    const maxDeletions = reader.parse('max-deletions', parseCount, 0);
    const [first, ...others] = CLEANUP_INPUTS.filter((name) => isGiven(reader, name));
    if (first === undefined)
        return undefined;
    checkComplete(reader, [first, ...others]);
    return {
        is: 'cleanup',
        repositories: readSearched(reader, 'repositories'),
        ...readTags(reader),
        olderThan: reader.parse('older-than', (text) => parseDuration(text, true), 0),
        keepNewest: reader.parse('keep-newest', parseCount, 0),
        asOf: reader.parse('as-of', (text) => parseAsOf(text, now), now),
        maxDeletions,
    };
}
/** Checks that all necessary inputs of a cleanup are given, and none of an incident. */
function checkComplete(reader, given) {
    const single = given.length === 1;
    const incident = ['image', 'blobs'].filter((name) => isGiven(reader, name));
    if (incident.length > 0)
        reader.addSharedProblem(given, `${single ? 'it belongs' : 'they belong'} to a cleanup, and ${quoteNames(incident).join(' and ')} to an incident. A run is either a cleanup or an incident: remove the inputs of one of them`);
    if (!isGiven(reader, 'repositories'))
        reader.addProblem('repositories', `it is not given, and ${quoteNames(given).join(', ')} ${single ? 'selects' : 'select'} in the repositories that it names`);
    if (!isGiven(reader, 'tags'))
        reader.addProblem('tags', 'it is not given. A cleanup selects by globs of tags, such as `debug-*`');
    if (!isGiven(reader, 'older-than') && !isGiven(reader, 'keep-newest'))
        reader.addSharedProblem(['older-than', 'keep-newest'], 'neither is given. Say how old an image must be (`older-than: 14d`) or how many of the newest to keep (`keep-newest: 10`); `0s` or `0` selects everything that matches');
}
function isGiven(reader, name) {
    return reader.text(name) !== '';
}
function quoteNames(names) {
    return names.map((name) => `\`${name}\``);
}
function parseCount(text) {
    return parseInteger(text, 0, MOST);
}
function parseAsOf(text, now) {
    const at = parseInstant(text);
    if (at === undefined)
        return { wrong: 'write a time such as `2026-06-01T03:00:00Z` (RFC 3339, with its zone)' };
    if (at > now)
        return { wrong: 'it is in the future; write a time that is not later than now' };
    return { value: at };
}
function readTags(reader) {
    const entries = reader.list('tags');
    const globs = [];
    const except = [];
    if (entries.length === 0 && reader.text('tags') !== '')
        reader.addProblem('tags', 'it holds no entry; write globs of tags');
    for (const entry of entries) {
        const excludes = entry.startsWith('!');
        const glob = entry === '!'
            ? { wrong: 'a glob must follow the !' }
            : compileTagGlob(excludes ? entry.slice(1) : entry);
        if ('wrong' in glob)
            reader.addValueProblem('tags', entry, glob.wrong);
        else if (excludes)
            except.push({ ...glob.value, text: entry });
        else
            globs.push(glob.value);
    }
    if (except.length > 0 && globs.length === 0)
        reader.addProblem('tags', 'every entry begins with !; at least one entry without ! is needed');
    return { globs, except };
}

;// CONCATENATED MODULE: ./src/config/text/registry.ts
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
/** A scheme, if any; the host; and what follows it. */
const ADDRESS = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?([^/?#]*)([^]*)$/;
const FORMS = 'write `https://host[:port]`, `host[:port]` or `http://host[:port]`';
/**
 * Parses the address of a registry: `https://host[:port]`, `host[:port]` or `http://host[:port]`, also with a slash at its
 * end.
 *
 * @returns its origin, in the form of the URL standard
 */
function parseOrigin(text) {
    const [, written, host = '', rest = ''] = ADDRESS.exec(text) ?? [];
    const scheme = written?.toLowerCase() ?? 'https';
    if (text.includes('@'))
        return { wrong: `credentials belong in \`username\` and \`password\`, not here; ${FORMS}` };
    const origin = HOST.test(host) ? originOf(scheme === 'http' ? scheme : 'https', host) : undefined;
    if (origin === undefined)
        return { wrong: FORMS };
    if (scheme !== 'https' && scheme !== 'http')
        return { wrong: `\`${scheme}://\` is the form of another tool. Write \`${host}\`; ${FORMS}` };
    if (/^\/*$/.test(rest))
        return { value: origin };
    const only = written === undefined ? host : `${scheme}://${host}`;
    return {
        wrong: `only the host belongs here, without what follows it. Write \`${only}\`; repositories belong in \`image\` or \`repositories\`; ${FORMS}`,
    };
}
function originOf(scheme, host) {
    try {
        return apiOrigin(new URL(`${scheme}://${host}`));
    }
    catch {
        return undefined;
    }
}
/** @returns whether a host in a reference is that of the registry. Its default port is that of the registry's scheme */
function isHostOf(origin, host) {
    try {
        return apiOrigin(new URL(`${new URL(origin).protocol}//${host}`)) === origin;
    }
    catch {
        return false;
    }
}
/** The usual names of Docker Hub. Its API has another host. */
const HUB = new Set(['docker.io', 'index.docker.io']);
function apiOrigin({ origin, protocol, host }) {
    return protocol === 'https:' && HUB.has(host) ? 'https://registry-1.docker.io' : origin;
}

;// CONCATENATED MODULE: ./src/config/ask/collection.ts
/** Collects named content by repository. Ignores duplicates. */
class NamedCollection {
    #entries = new Map();
    /** @returns undefined, or why the reference contradicts an earlier one */
    addImage({ repository, tag, digest }) {
        const { tags, digests } = this.#entry(repository);
        if (tag === undefined) {
            if (digest !== undefined)
                digests.add(digest);
            return undefined;
        }
        const before = tags.get(tag);
        if (before !== undefined && digest !== undefined && before !== digest)
            return { wrong: `${repository}:${tag} is written with two digests, ${before} and ${digest}` };
        tags.set(tag, digest ?? before);
        return undefined;
    }
    /** Call it after all `addImage`. @returns undefined, or why the blob contradicts `image` */
    addBlob(repository, digest) {
        const { tags, digests, blobs } = this.#entry(repository);
        if (digests.has(digest) || [...tags.values()].includes(digest))
            return {
                wrong: `${repository}@${digest} is also in \`image\`: a digest is a manifest's or a blob's, not both`,
            };
        blobs.add(digest);
        return undefined;
    }
    all() {
        return [...this.#entries.values()].map(({ repository, tags, digests, blobs }) => ({
            repository,
            tags: [...tags].map(([tag, digest]) => ({ tag, ...(digest !== undefined && { digest }) })),
            digests: [...digests],
            blobs: [...blobs],
        }));
    }
    #entry(repository) {
        const known = this.#entries.get(repository);
        if (known !== undefined)
            return known;
        const entry = { repository, tags: new Map(), digests: new Set(), blobs: new Set() };
        this.#entries.set(repository, entry);
        return entry;
    }
}

;// CONCATENATED MODULE: ./src/config/ask/named.ts




/**
 * Reads `image` and `blobs` together, because a bare blob digest belongs to the one repository of `image`.
 *
 * @param registry the origin in `registry`, if it is given and valid
 */
function readNamed(reader, registry) {
    const references = new ReferenceReader(reader, registry);
    const collection = new NamedCollection();
    const images = reader.list('image').flatMap((entry) => references.read('image', entry) ?? []);
    for (const reference of images) {
        const contradiction = collection.addImage(reference);
        if (contradiction !== undefined)
            reader.addProblem('image', contradiction.wrong);
    }
    const repositories = [...new Set(images.map(({ repository }) => repository))];
    for (const entry of reader.list('blobs')) {
        const blob = readBlob(entry, repositories, references);
        if (blob === undefined)
            continue;
        if ('wrong' in blob) {
            reader.addValueProblem('blobs', entry, blob.wrong);
            continue;
        }
        const contradiction = collection.addBlob(blob.value.repository, blob.value.digest);
        if (contradiction !== undefined)
            reader.addProblem('blobs', contradiction.wrong);
    }
    const origin = references.resolveOrigin();
    return { named: collection.all(), ...(origin !== undefined && { origin }) };
}
const named_FORMS = {
    image: 'write `repository:tag`, `repository@sha256:…` or `repository:tag@sha256:…`',
    blobs: 'write `sha256:…` or `repository@sha256:…`',
};
/** Reads references, and collects the registries that they name. */
class ReferenceReader {
    #reader;
    #registry;
    #origins;
    constructor(reader, registry) {
        this.#reader = reader;
        this.#registry = registry;
        this.#origins = new Set(registry === undefined ? [] : [registry]);
    }
    /** @returns the reference; adds a problem and returns undefined if the entry is not a reference */
    read(input, entry) {
        const isHost = (component) => this.#registry === undefined || isHostOf(this.#registry, component);
        const reference = parseReference(entry, isHost);
        if ('wrong' in reference) {
            this.#reader.addValueProblem(input, entry, `${reference.wrong}; ${named_FORMS[input]}`);
            return undefined;
        }
        const { host } = reference.value;
        const origin = host === undefined ? undefined : this.#originOf(host);
        if (origin !== undefined && 'wrong' in origin)
            this.#reader.addValueProblem(input, entry, `the host is not valid; ${origin.wrong}`);
        else if (origin !== undefined)
            this.#origins.add(origin.value);
        return reference.value;
    }
    /** @returns the only registry that is named; adds a problem and returns undefined if there are several */
    resolveOrigin() {
        const [origin] = this.#origins;
        if (this.#origins.size <= 1)
            return origin;
        const all = [...this.#origins].join(' and ');
        this.#reader.addProblem('registry', `${all} contradict each other: one run is for one registry`);
        return undefined;
    }
    #originOf(host) {
        return this.#registry !== undefined && isHostOf(this.#registry, host)
            ? { value: this.#registry }
            : parseOrigin(host);
    }
}
/**
 * Reads one entry of `blobs`.
 *
 * @param repositories the repositories of `image`
 * @returns undefined if a problem was added already
 */
function readBlob(entry, repositories, references) {
    const bare = parseDigest(entry);
    if (bare !== undefined) {
        const [repository, ...others] = repositories;
        if (repository === undefined || others.length > 0)
            return {
                wrong: `\`image\` names ${repository === undefined ? 'no repository' : 'several repositories'}, so write \`repository@sha256:…\``,
            };
        return checkBlob({ repository, digest: bare });
    }
    if (/^sha(?:256|512):/.test(entry))
        return { wrong: `the digest must be sha256: and 64 lower-case hex digits; ${named_FORMS.blobs}` };
    const reference = references.read('blobs', entry);
    if (reference === undefined)
        return undefined;
    const { repository, tag, digest } = reference;
    if (tag !== undefined || digest === undefined)
        return { wrong: `a blob has a digest and no tag; ${named_FORMS.blobs}` };
    return checkBlob({ repository, digest });
}
function checkBlob(blob) {
    return EMPTY_BLOBS.has(blob.digest)
        ? {
            wrong: 'this is a well-known empty blob. It holds no data, many images share it, and it is never deleted. Remove the line',
        }
        : { value: blob };
}

;// CONCATENATED MODULE: ./src/config/ask/ask.ts


/**
 * Decides whether the run is an incident or a cleanup, and reads the inputs of that kind.
 *
 * @param registry the origin in `registry`, if it is given and valid
 * @param now milliseconds since the epoch
 */
function readAsk(reader, registry, now) {
    const before = reader.problems.length;
    const content = readNamed(reader, registry);
    const lacksRegistry = content.origin === undefined && reader.text('registry') === '' && reader.problems.length === before;
    const cleanup = readCleanup(reader, now);
    if (cleanup === undefined && reader.list('image').length === 0 && reader.list('blobs').length === 0)
        reader.addProblem('image', 'nothing is named. Say what leaked in `image` (`repository:tag` or `repository@sha256:…`) or `blobs`; or, for a cleanup, select by `repositories` and `tags`');
    if (lacksRegistry)
        reader.addProblem('registry', cleanup === undefined
            ? 'it is not given, and no entry of `image` begins with a host'
            : 'it is not given. A cleanup needs it: `https://host[:port]`');
    return { ...content, ask: cleanup ?? { is: 'incident', named: content.named } };
}

;// CONCATENATED MODULE: ./src/config/choices.ts


/** @param named the content of `image` and `blobs`; `scope: tag` allows only tags */
function readChoices(reader, named) {
    const choice = (name, choices) => reader.parse(name, (text) => parseChoice(text, choices), choices[0]);
    const scope = choice('scope', ['image', 'tag']);
    if (scope === 'tag')
        checkOnlyTags(reader, named);
    return {
        scope,
        unreadableTags: choice('unreadable-tags', ['refuse', 'ignore']),
        searched: readSearched(reader, 'search-repositories'),
        onExposure: choice('on-exposure', ['warn', 'fail']),
        sharedBlobs: choice('shared-blobs', ['keep', 'fail']),
    };
}
function checkOnlyTags(reader, named) {
    for (const { repository, digests, blobs } of named) {
        for (const digest of digests)
            reader.addProblem('scope', `\`tag\` removes only tags, and ${repository}@${digest} in \`image\` has none: write \`repository:tag\`, or use \`scope: image\``);
        for (const digest of blobs)
            reader.addProblem('scope', `\`tag\` removes only tags, and ${repository}@${digest} in \`blobs\` is content: leave it out, or use \`scope: image\``);
    }
}

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
;// CONCATENATED MODULE: ./src/config/text/pem.ts

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;
const BASE64 = /^[A-Za-z0-9+/\s]+[=\s]*$/;
const LINE = /.{1,64}/g;
/** Characters of base64 without a frame, at least. A shorter text is a path. */
const SHORTEST_BARE = 100;
/**
 * Reads PEM text, base64 of it, or the file that a text names.
 *
 * @returns the source, or the code of the system error if the text is none of these
 */
function readPem(text) {
    const inline = decoded('text', Buffer.from(text, 'utf8'));
    if (hasPem(inline.text) || text.includes('-----END') || isBare(text))
        return inline;
    try {
        return decoded('file', (0,external_node_fs_.readFileSync)(text));
    }
    catch (error) {
        const { code = 'unknown' } = error;
        return { code };
    }
}
function decoded(from, bytes) {
    // Windows PowerShell writes files as UTF-16.
    const raw = bytes.toString(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8');
    if (hasPem(raw))
        return { from, text: raw, raw };
    const isBase64 = BASE64.test(raw);
    const inside = isBase64 ? Buffer.from(raw, 'base64') : bytes;
    const text = inside.toString('utf8');
    return hasPem(text) ? { from, text, raw } : { from, text: raw, raw, other: { bytes: inside, isBase64 } };
}
/** @returns whether a text holds the beginning of a block */
function hasPem(text) {
    return text.includes('-----BEGIN');
}
/**
 * Finds the blocks in a text, which may have lost its line breaks: in a form of `workflow_dispatch` they become spaces, in
 * JSON `\n`.
 */
function pemBlocks(text) {
    return [...text.matchAll(BLOCK)].map(([whole, label = '', body = '']) => {
        const lines = body.replace(/\\+[rn]|\s+/g, '').match(LINE) ?? [];
        const rebuilt = [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n');
        return { label, text: whole, rebuilt };
    });
}
/** @returns whether a text is base64 of DER: a block without its frame */
function isBare(text) {
    return text.length > SHORTEST_BARE && BASE64.test(text) && isDer(Buffer.from(text, 'base64'));
}
/** @returns whether bytes begin as a SEQUENCE of DER does that is as long as a certificate or a key */
function isDer(bytes) {
    return bytes[0] === 0x30 && (bytes[1] === 0x82 || bytes[1] === 0x81);
}

;// CONCATENATED MODULE: ./src/config/text/pem-flaw.ts

/** Object identifiers in DER: PKCS#7 signedData, and the data of a PKCS#12 file behind its version. */
const PKCS7 = Buffer.from('06092a864886f70d010702', 'hex');
const PKCS12 = Buffer.from('020103', 'hex');
/** For each label: what it is, and the command that makes PEM of it. */
const OTHER_BLOCKS = {
    certificate: {
        'TRUSTED CERTIFICATE': 'a TRUSTED CERTIFICATE of OpenSSL. Convert it with `openssl x509 -in FILE -out FILE.pem`',
        PKCS7: 'a PKCS#7 bundle. Convert it with `openssl pkcs7 -print_certs -in FILE -out FILE.pem`',
        CMS: 'a PKCS#7 bundle. Convert it with `openssl pkcs7 -print_certs -in FILE -out FILE.pem`',
        'CERTIFICATE REQUEST': 'the request for a certificate. Give the certificate that the authority issued',
        'NEW CERTIFICATE REQUEST': 'the request for a certificate. Give the certificate that the authority issued',
        'PUBLIC KEY': 'a public key. Give the certificate',
    },
    key: {
        'OPENSSH PRIVATE KEY': 'a key in the form of OpenSSH. Convert it with `ssh-keygen -p -m PKCS8 -f FILE`',
        CERTIFICATE: 'a certificate. Give the private key that belongs to it',
        'PUBLIC KEY': 'a public key. Give the private key',
    },
};
/** @returns what a text without the wanted block is instead, and what to do; the empty text if that is unknown */
function pemFlaw(source, wanted) {
    const { text, other } = source;
    const known = pemBlocks(text).map(({ label }) => OTHER_BLOCKS[wanted][label]);
    const block = known.find((each) => each !== undefined);
    if (block !== undefined)
        return `: it is ${block}`;
    if (hasPem(text) && !text.includes('-----END'))
        return ': it is cut off. Give the whole text, to its last line -----END …';
    if (!hasPem(text) && text.includes('-----END'))
        return ': it lost its beginning. Give the whole text, from its first line -----BEGIN …';
    if (other === undefined || !isDer(other.bytes))
        return '';
    if (other.isBase64)
        return ': it is base64 without its first and last line. Give the whole PEM file, from -----BEGIN … to -----END …';
    return `: it is ${derText(Buffer.from(other.bytes), wanted)}`;
}
function derText(bytes, wanted) {
    const start = bytes.subarray(0, 32);
    if (start.includes(PKCS7) && !start.includes(PKCS12))
        return 'a PKCS#7 bundle. Convert it with `openssl pkcs7 -inform der -print_certs -in FILE -out FILE.pem`';
    if (start.indexOf(PKCS12) === 4) {
        const what = wanted === 'key' ? '-nocerts' : '-nokeys';
        return `perhaps a PKCS#12 file. Convert it with \`openssl pkcs12 -in FILE -nodes ${what} -out FILE.pem\``;
    }
    const command = wanted === 'key' ? 'pkey' : 'x509';
    return `in DER form. Convert it with \`openssl ${command} -inform der -in FILE -out FILE.pem\``;
}

;// CONCATENATED MODULE: ./src/config/text/authorities.ts




/** The labels of blocks that are certificates; the second is an old name. */
const LABELS = new Set(['CERTIFICATE', 'X509 CERTIFICATE']);
/**
 * Parses certificates: PEM text, with or without its line breaks; base64 of it; or the path of a file with either.
 *
 * @returns the certificates, each as PEM text
 */
function parseAuthorities(text) {
    const source = readPem(text);
    if ('code' in source)
        return {
            wrong: `the file ${describePath(text)} cannot be read (${source.code}); write PEM text, or the path of a PEM file`,
        };
    const name = source.from === 'text' ? 'the text' : `the file ${describePath(text)}`;
    return certificatesIn(source, name);
}
function certificatesIn(source, name) {
    if (source.text.includes('PRIVATE KEY-----'))
        return { wrong: `${name} holds a private key, which does not belong here` };
    const found = pemBlocks(source.text).filter(({ label }) => LABELS.has(label));
    if (found.length === 0)
        return {
            wrong: `${name} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)${pemFlaw(source, 'certificate')}`,
        };
    const certificates = [];
    for (const [at, block] of found.entries()) {
        const readable = readableForm(block);
        if (readable === undefined)
            return { wrong: `certificate ${at + 1} in ${name} cannot be read: it is damaged or cut off` };
        certificates.push(readable);
    }
    return { value: certificates };
}
/** @returns the certificate in the form in which it can be read, or undefined if there is none */
function readableForm({ text, rebuilt }) {
    return [text, rebuilt].find((pem) => {
        try {
            new external_node_crypto_.X509Certificate(pem);
            return true;
        }
        catch {
            return false;
        }
    });
}
/** @returns whether a message may show a text as a path. It must contain a dot, which is never in a key */
function isPathLike(text) {
    return /^[^\r\n]{1,255}$/.test(text) && text.includes('.') && !text.includes('-----');
}
function describePath(text) {
    return isPathLike(text) ? quoted(text) : 'that it names';
}

;// CONCATENATED MODULE: ./src/config/client-tls.ts




/**
 * Reads `client-certificate` and `client-key`: both or neither, each as PEM text or as the path of a PEM file. No
 * problem contains the value of `client-key`.
 *
 * @param plain whether the registry uses plain http, which has no certificates
 */
function readClientTls(reader, plain) {
    const certificate = reader.text('client-certificate');
    const key = reader.text('client-key');
    if (certificate === '' && key === '')
        return { secrets: [] };
    if (key === '')
        reader.addProblem('client-key', 'it is empty although `client-certificate` is given: both or neither');
    if (certificate === '')
        reader.addProblem('client-certificate', 'it is empty although `client-key` is given: both or neither');
    if (plain)
        reader.addProblem('client-certificate', 'a registry over plain http (`http://`) never requests one. Write `registry` with https, or leave the certificate out');
    const chain = certificate === '' ? undefined : readChain(reader, certificate);
    const found = key === '' ? undefined : readKey(reader, key);
    const secrets = found?.secrets ?? [key];
    if (chain === undefined || found?.parsed === undefined)
        return { secrets };
    const [own = ''] = chain;
    if (!new external_node_crypto_.X509Certificate(own).checkPrivateKey(found.parsed))
        reader.addProblem('client-key', 'it does not belong to the first certificate in `client-certificate`. Give the key of that certificate, which must come before those that signed it');
    return {
        clientTls: { certificate: chain.join('\n'), key: found.pem },
        secrets,
        ...(found.path !== undefined && { keyPath: found.path }),
    };
}
function readChain(reader, text) {
    const chain = parseAuthorities(text);
    if ('value' in chain)
        return chain.value;
    reader.addProblem('client-certificate', chain.wrong);
    return undefined;
}
/** Reads the key. No problem quotes the text, which may be a key without its first line. */
function readKey(reader, text) {
    const source = readPem(text);
    if ('code' in source) {
        reader.addProblem('client-key', `it is not PEM text (-----BEGIN PRIVATE KEY-----), and as a path it cannot be read (${source.code})`);
        return undefined;
    }
    const { from, raw } = source;
    const path = from === 'file' ? { path: text } : {};
    // If only the line breaks are missing, a block is a key although the whole text is not.
    const blocks = pemBlocks(source.text).flatMap(({ label, rebuilt }) => label.endsWith('PRIVATE KEY') ? [rebuilt] : []);
    const forms = [source.text, ...blocks];
    const secrets = [...new Set([raw, ...forms])];
    const readable = forms
        .map((pem) => ({ pem, parsed: parseKey(pem) }))
        .find(({ parsed }) => parsed !== undefined);
    if (readable?.parsed !== undefined)
        return { pem: readable.pem, parsed: readable.parsed, secrets: [...new Set([raw, readable.pem])], ...path };
    const encrypted = source.text.includes('ENCRYPTED');
    reader.addProblem('client-key', encrypted
        ? 'it is encrypted, and there is no input for a passphrase. Decrypt it, and give it as a secret'
        : `the ${from} holds no private key in PEM form that can be read${pemFlaw(source, 'key') || ': it is damaged, cut off, or something else'}`);
    return { pem: source.text, secrets, ...path };
}
/** @returns undefined if the text is not a private key, or needs a passphrase */
function parseKey(pem) {
    try {
        return (0,external_node_crypto_.createPrivateKey)(pem);
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./src/config/credentials.ts
/** Reads `username` and `password`: both or neither. */
function readCredentials(reader) {
    const username = reader.text('username');
    const password = reader.text('password');
    if (username !== '' && password === '')
        reader.addProblem('password', 'it is empty although `username` is given: both or neither. Is the secret available to this workflow?');
    if (username === '' && password !== '')
        reader.addProblem('username', 'it is empty although `password` is given: both or neither');
    if (username.includes(':'))
        reader.addProblem('username', 'Basic authentication cannot transmit a user name with a colon; the part after the colon belongs in `password`');
    if (password === '')
        return { secrets: [] };
    const secrets = [password, Buffer.from(`${username}:${password}`, 'utf8').toString('base64')];
    return username === '' ? { secrets } : { basic: { username, password }, secrets };
}

;// CONCATENATED MODULE: ./src/config/limits.ts

/** Reads the inputs `verify-*`, `concurrency` and `timeout`. */
function readLimits(reader) {
    return {
        verifyAttempts: reader.parse('verify-attempts', (text) => parseInteger(text, 1, 100), 0),
        verifyInterval: reader.parse('verify-interval', (text) => parseDuration(text, true), 0),
        verifyTimeout: reader.parse('verify-timeout', (text) => parseDuration(text, false), 0),
        concurrency: reader.parse('concurrency', (text) => parseInteger(text, 1, 64), 1),
        timeout: reader.parse('timeout', (text) => parseDuration(text, false), 1),
    };
}

;// CONCATENATED MODULE: ./src/config/protected.ts



const INPUT = 'protected-tags';
/** @param named the tags of `image`, none of which may be protected */
function readProtectedTags(reader, named) {
    const entries = reader.list(INPUT);
    if (entries.length === 1 && entries[0] === 'none')
        return { protectedTags: [], protectedNames: [] };
    if (entries.length === 0 && reader.text(INPUT) !== '')
        reader.addProblem(INPUT, 'it holds no entry; write globs of tags, or `none`');
    if (entries.includes('none'))
        reader.addProblem(INPUT, '`none` cannot be combined with other entries');
    const protectedTags = [];
    const protectedNames = [];
    for (const entry of entries) {
        if (entry === 'none')
            continue;
        const glob = entry.startsWith('!')
            ? { wrong: 'an entry cannot begin with !; write globs without !' }
            : compileTagGlob(entry);
        if ('wrong' in glob) {
            reader.addValueProblem(INPUT, entry, glob.wrong);
            continue;
        }
        protectedTags.push(glob.value);
        const name = parseTag(entry);
        if (name !== undefined)
            protectedNames.push(name);
        checkNamed(reader, glob.value, named);
    }
    return { protectedTags, protectedNames };
}
function checkNamed(reader, glob, named) {
    for (const { repository, tags } of named)
        for (const { tag } of tags)
            if (guards(glob, tag))
                reader.addProblem(INPUT, `${quoted(glob.text)} matches ${repository}:${tag}, which \`image\` names: a tag cannot be both deleted and kept`);
}

;// CONCATENATED MODULE: ./src/config/declared.ts
/** The inputs of action.yml with their defaults, undefined if there is none. A test compares both. */
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

;// CONCATENATED MODULE: ./src/config/reader.ts


/** Inputs whose value is never repeated in a message. */
const SECRET = new Set([
    'password',
    'ca-certificate',
    'client-certificate',
    'client-key',
]);
/** Returns the text of each input, and collects the problems. */
class InputReader {
    problems = [];
    #given;
    /** @param given the texts by the names of their inputs */
    constructor(given) {
        this.#given = given;
    }
    /** @returns the trimmed text of an input, or its default if it is not given; '' if there is neither */
    text(name) {
        return trim(this.#given.get(name) ?? DECLARED[name] ?? '');
    }
    /** @returns the entries of an input that is a list */
    list(name) {
        return splitList(this.text(name));
    }
    /** Adds a problem that begins with the input's name. */
    addProblem(input, what) {
        this.problems.push({ kind: 'input', input, text: `${input}: ${what}` });
    }
    /** Adds a problem of several inputs together. */
    addSharedProblem(inputs, what) {
        this.problems.push({ kind: 'input', input: inputs[0], text: `${inputs.join(', ')}: ${what}` });
    }
    /** Adds a problem that quotes the value, or the entry of a list. The query of an address may hold a secret. */
    addValueProblem(input, value, what) {
        const shown = input === 'registry' ? value.replace(/[?#][^]*$/, '?…') : value;
        this.addProblem(input, SECRET.has(input) ? what : `${quoted(shown)}: ${what}`);
    }
    /** @returns the parsed value; the fallback if the input is empty or wrong. A wrong input adds a problem */
    parse(name, parser, fallback) {
        const text = this.text(name);
        if (text === '')
            return fallback;
        const parsed = parser(text);
        if ('value' in parsed)
            return parsed.value;
        this.addValueProblem(name, text, parsed.wrong);
        return fallback;
    }
    /** Adds a problem for each empty input with a default: an expression in the workflow is probably misspelt. */
    checkDefaults() {
        for (const [name, value] of Object.entries(DECLARED)) {
            const given = this.#given.get(name);
            if (value !== undefined && given !== undefined && trim(given) === '')
                this.addProblem(name, `it is empty, although it has a default. Is an expression misspelt? Leave the input out, or write \${{ … || '${value}' }}`);
        }
    }
}

;// CONCATENATED MODULE: ./src/config/shown.ts



const NOT_SHOWN = '(not shown)';
/**
 * Returns the inputs in force without secrets, for the log, the summary and the report.
 *
 * @param origin the registry of the run, if it is known
 * @param asOf the time at which ages are computed, in milliseconds since the epoch; undefined for an incident
 * @param keyPath the path in `client-key`, if the file was read; any other text there may be a key
 */
function showInputs(reader, origin, asOf, keyPath) {
    const all = {};
    for (const name of Object.keys(DECLARED)) {
        const text = reader.text(name);
        const shown = text === '' ? undefined : showInput(name, text, keyPath);
        if (shown !== undefined)
            all[name] = shown;
    }
    if (origin !== undefined)
        all['registry'] = origin;
    if (asOf !== undefined)
        all['as-of'] = new Date(asOf).toISOString();
    return all;
}
/** @returns undefined if the input is not shown at all */
function showInput(name, text, keyPath) {
    switch (name) {
        case 'password':
        case 'registry':
            return undefined;
        case 'username':
            // The text after a colon may be a password.
            return text.includes(':') ? undefined : withoutCredentials(text);
        case 'client-key':
            return keyPath ?? NOT_SHOWN;
        case 'ca-certificate':
        case 'client-certificate':
            if (text.includes('-----BEGIN CERTIFICATE-----'))
                return '(PEM text)';
            return isPathLike(text) ? withoutCredentials(text) : NOT_SHOWN;
        default:
            return withoutCredentials(text);
    }
}

;// CONCATENATED MODULE: ./src/config/unknown.ts

const NAMES = Object.keys(DECLARED);
/** Names that users write by mistake, with the input that they mean. */
const SYNONYMS = {
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
/** Inputs that a later version will have. */
const PLANNED = new Set([
    'resume',
    'gc-command',
    'gc-dry-run-command',
    'restart-command',
]);
/**
 * Returns a problem for each name that is not an input. GitHub's runner only warns about such a name, and the run would
 * then lack a protection that the user wanted.
 */
function unknownInputs(names) {
    return [...names]
        .filter((name) => !Object.hasOwn(DECLARED, name))
        .sort()
        .map((written) => {
        const name = written.toLowerCase();
        return { kind: 'input', input: name, text: `${JSON.stringify(name)} ${objectionTo(name)}` };
    });
}
function objectionTo(name) {
    const hyphened = name.replaceAll('_', '-');
    return PLANNED.has(hyphened)
        ? `is not an input of this action yet: \`${hyphened}\` comes with a later version`
        : `is not an input of this action. The nearest is \`${nearest(hyphened)}\``;
}
function nearest(hyphened) {
    const meant = Object.hasOwn(SYNONYMS, hyphened) ? SYNONYMS[hyphened] : undefined;
    if (meant !== undefined)
        return meant;
    const ranked = NAMES.map((name) => ({ name, far: distance(hyphened, name) }));
    return ranked.reduce((best, each) => (each.far < best.far ? each : best)).name;
}
/** @returns the Levenshtein distance. Compares only the first 64 characters, because a long name would take long */
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

;// CONCATENATED MODULE: ./src/config/inputs.ts













/**
 * Reads and checks all inputs. No other code reads them. If there is any problem, there are no settings. Sends no request.
 *
 * @param given the texts by the names of their inputs. The name of an undeclared input is a problem
 * @param now milliseconds since the epoch
 */
function readInputs(given, now) {
    const reader = new InputReader(given);
    const { problems } = reader;
    problems.push(...unknownInputs(given.keys()));
    reader.checkDefaults();
    const registry = reader.parse('registry', parseOrigin, undefined);
    const { ask, named, origin } = readAsk(reader, registry, now);
    const credentials = readCredentials(reader);
    const server = origin ?? registry;
    const tls = readClientTls(reader, server?.startsWith('http:') === true);
    const protectedTags = readProtectedTags(reader, named);
    const approved = reader.parse('approve', parseApproval, undefined);
    const reason = reader.text('reason');
    const reportFile = readReportFile(reader);
    const options = {
        ...readChoices(reader, named),
        verifyTls: reader.parse('tls-verify', parseBoolean, true),
        authorities: reader.parse('ca-certificate', parseAuthorities, []),
        dryRun: reader.parse('dry-run', parseBoolean, false),
        ...readLimits(reader),
    };
    const asOf = problems.length === 0 && ask.is === 'cleanup' ? ask.asOf : undefined;
    const read = {
        problems,
        shown: showInputs(reader, server, asOf, tls.keyPath),
        secrets: [...credentials.secrets, ...tls.secrets],
        ...(reportFile !== '' && { reportFile }),
        ...(reason !== '' && { reason }),
    };
    if (problems.length > 0 || origin === undefined)
        return read;
    const settings = {
        ...options,
        ...protectedTags,
        origin,
        ask,
        shown: read.shown,
        ...(credentials.basic !== undefined && { basic: credentials.basic }),
        ...(tls.clientTls !== undefined && { clientTls: tls.clientTls }),
        ...(approved !== undefined && { approved }),
        ...(reason !== '' && { reason }),
    };
    return { ...read, settings };
}
function parseApproval(text) {
    if (text === 'any')
        return { value: undefined };
    const digest = parseDigest(text);
    if (digest?.startsWith('sha256:') === true)
        return { value: digest };
    return { wrong: 'write `any`, or a fingerprint: `sha256:` and 64 lower-case hex digits' };
}
function readReportFile(reader) {
    const path = reader.text('report-file');
    if (path.includes('\0'))
        reader.addProblem('report-file', 'it holds a zero byte');
    return path;
}

;// CONCATENATED MODULE: ./src/plan/order.ts
/** Compares by code units: the same on every machine, whatever its locale. */
function compare(one, other) {
    return one < other ? -1 : one > other ? 1 : 0;
}
/** Compares by tag. */
function byTag(one, other) {
    return compare(one.tag, other.tag);
}
/** Compares by digest. */
function byDigest(one, other) {
    return compare(one.digest, other.digest);
}

;// CONCATENATED MODULE: ./src/plan/fingerprint.ts


/**
 * Hashes a plan: registry, repositories, tags, deleted digests, kept digests, and scope. It contains no times, and
 * everything is sorted, so the same facts give the same fingerprint, whatever their order.
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
            // With the scope `tag` every tag is only a label.
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
 * Finds the content that is reachable from the roots: children of indexes at any depth, and blobs.
 *
 * @param roots manifest digests
 * @param graph the manifests read so far
 * @param referrers whether to include referrers, too
 */
function reach(roots, graph, referrers) {
    const manifests = new Set(roots);
    const blobs = new Set();
    // The loop also visits entries that are added to the Set while it runs.
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

;// CONCATENATED MODULE: ./src/plan/multimap.ts
/** Adds a value to the set of a key. */
function addTo(sets, key, value) {
    const set = sets.get(key);
    if (set === undefined)
        sets.set(key, new Set([value]));
    else
        set.add(value);
}
/** Appends a value to the list of a key. */
function appendTo(lists, key, value) {
    const list = lists.get(key);
    if (list === undefined)
        lists.set(key, [value]);
    else
        list.push(value);
}

;// CONCATENATED MODULE: ./src/plan/holders.ts



/** @returns the tags that resolve and lose only their label */
function labelsOf(tags) {
    return tags.flatMap(({ tag, digest, onlyLabel }) => onlyLabel === undefined || digest === undefined ? [] : [{ tag, digest }]);
}
/**
 * Finds the content that remaining tags need: children at any depth, their referrers, configs, layers, and every digest
 * that is written in a manifest of unknown kind (safety rule 2). Such content is held.
 */
class Holders {
    #held = new Set();
    #walked = new Set();
    #tagsOn = new Map();
    #graph;
    /**
     * @param pointers the remaining tags
     * @param graph the manifests that were read
     * @param named manifests that were named. A remaining image does not hold a named manifest that refers to it
     * @param labels tags that lose only their label. The manifests that they pointed to are held as well
     */
    constructor(pointers, graph, named, labels = []) {
        const isNamed = (digest) => named.has(digest) || (graph.twins.get(digest) ?? []).some((twin) => named.has(twin));
        const referrers = new Map([...graph.referrers].map(([subject, list]) => [subject, list.filter((digest) => !isNamed(digest))]));
        this.#graph = { manifests: graph.manifests, twins: graph.twins, referrers };
        for (const [tag, digest] of pointers)
            appendTo(this.#tagsOn, digest, tag);
        for (const { tag, digest } of labels)
            if (pointers.get(tag) !== digest)
                appendTo(this.#tagsOn, digest, tag);
        this.#hold(this.#tagsOn.keys());
    }
    /** Every digest that at least one tag needs. */
    get held() {
        return this.#held;
    }
    /** Adds another remaining tag. */
    add(tag, digest) {
        appendTo(this.#tagsOn, digest, tag);
        if (!this.#walked.has(digest))
            this.#hold([digest]);
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
    /** The content that these manifests need. */
    needs(roots) {
        return reach(roots, this.#graph, true);
    }
    /** The tags that point to a manifest, sorted. */
    on(digest) {
        return [...(this.#tagsOn.get(digest) ?? [])].sort(compare);
    }
    /** The tags that need each of these digests, sorted. Walks the graph of every tag: call it for held digests only. */
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
    /** The tags whose graph contains one of these manifests, sorted. */
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
/** Does not spread the list: a manifest can have more tags than a call takes arguments. */
function collect(into, tags) {
    for (const tag of tags)
        into?.push(tag);
}

;// CONCATENATED MODULE: ./src/plan/refusals/access.ts
/**
 * Checks that the run can verify its result at the end (safety rule 1). A dry run is refused as well, since the real run
 * would be.
 */
function access({ repository, blobAccess: found, }) {
    if (found?.is === 'closed') {
        const { digest, why } = found;
        return [{ kind: 'blobs-unreadable', repository, digest, why }];
    }
    // Blobs that are to be purged may be gone already.
    if (found?.is !== 'missing' || !found.remaining)
        return [];
    const { digest, tried, answered } = found;
    return [{ kind: 'blobs-missing', repository, digest, tried, answered }];
}

;// CONCATENATED MODULE: ./src/plan/refusals/deletion.ts
const FINE = { refusals: [], warnings: [] };
/** Checks that manifests and blobs can be deleted (safety rule 1). */
function deletion(repository, survey, rules) {
    const manifests = judge(repository, 'manifests', survey.manifestDeletion, rules);
    const blobs = judge(repository, 'blobs', survey.blobDeletion, rules, survey.manifestDeletion.is === 'on');
    return {
        refusals: [...manifests.refusals, ...blobs.refusals],
        warnings: [...manifests.warnings, ...blobs.warnings],
    };
}
/** Checks that a tag can be removed without its manifest, if the survey probed for that. */
function untagging(repository, { untagging: found }, rules) {
    return found?.is === 'impossible' ? judge(repository, 'tags', found.deletion, rules) : FINE;
}
/** @param only whether this is the only kind of content that cannot be deleted */
function judge(repository, what, found, { dryRun }, only = false) {
    if (found.is === 'on')
        return FINE;
    const about = { repository, what, answered: found.answered };
    if (found.is === 'denied') {
        const { right } = found;
        const problem = {
            kind: 'no-permission',
            ...about,
            ...(right !== undefined && { right }),
        };
        return dryRun ? { refusals: [], warnings: [problem] } : { refusals: [problem], warnings: [] };
    }
    const problem = found.is === 'off'
        ? { kind: 'deletion-off', ...about, readOnly: found.readOnly, ...(only && { only }) }
        : { kind: 'deletion-unclear', ...about, means: found.means };
    const passes = dryRun && found.is === 'unclear' && found.denied === true;
    return passes ? { refusals: [], warnings: [problem] } : { refusals: [problem], warnings: [] };
}

;// CONCATENATED MODULE: ./src/plan/refusals/named-by.ts


/** @returns how a digest was named; empty if it was not named itself */
function namedBy(digest, { tags, digests, blobs }, survey, { furtherTags }) {
    const is = furtherTags === 'run-again' ? 'selected' : 'tag';
    const pointing = tags.filter((each) => {
        const state = survey.tags.get(each.tag);
        return (each.digest ?? (state?.is === 'resolved' ? state.digest : undefined)) === digest;
    });
    return [
        ...pointing.map(({ tag }) => ({ is, tag })),
        ...(digests.includes(digest) ? [{ is: 'digest', digest }] : []),
        ...(blobs.includes(digest) ? [{ is: 'blob' }] : []),
    ];
}
/**
 * Tells for manifests how they were named, or else the images that they are part of or refer to.
 *
 * @param roots the manifests that were named
 */
function partsOf(roots, { target, survey, rules }) {
    const images = new Map();
    for (const root of roots)
        for (const digest of reach([root], survey, true).manifests)
            appendTo(images, digest, root);
    const by = (digest) => namedBy(digest, target, survey, rules);
    return (digest) => {
        const own = by(digest);
        return own.length > 0
            ? { itself: true, by: own }
            : { itself: false, by: (images.get(digest) ?? []).flatMap(by) };
    };
}

;// CONCATENATED MODULE: ./src/plan/refusals/tags-at.ts
/** @returns these tags with the digests that they resolve to */
function tagsAt(tags, facts) {
    return tags.map((tag) => {
        const state = facts.tags.get(tag);
        return { tag, ...(state?.is === 'resolved' && { digest: state.digest }) };
    });
}

;// CONCATENATED MODULE: ./src/plan/refusals/needed.ts


/** Finds named content that a remaining tag needs (safety rule 3). */
function needed({ target, survey, selected, rules }) {
    const { repository } = target;
    const { holders } = selected;
    return [...holdersOfNamed(selected)].map(([digest, tags]) => {
        const parents = [...survey.manifests.values()]
            .filter((manifest) => holders.held.has(manifest.digest) && lists(manifest, digest))
            .map(({ kind, digest }) => ({ kind: kind === 'index' ? kind : 'manifest', digest }));
        const by = namedBy(digest, target, survey, rules);
        return { kind: 'named-but-needed', repository, digest, by, tags: tagsAt(tags, survey), parents };
    });
}
/** @returns the named digests that remaining tags need, each with these tags, but for those that point to it */
function holdersOfNamed({ named, holders }) {
    const all = holders.of(new Set([...named].filter((digest) => holders.held.has(digest))));
    for (const [digest, tags] of all) {
        // A tag that points to it is an alias, which is a problem of its own.
        const straight = new Set(holders.on(digest));
        const others = straight.size === 0 ? tags : tags.filter((tag) => !straight.has(tag));
        if (others.length === 0)
            all.delete(digest);
        else
            all.set(digest, others);
    }
    return all;
}
function lists({ children, blobs, written }, digest) {
    return (children.some((child) => child.digest === digest) ||
        blobs.some((blob) => blob.digest === digest) ||
        written.includes(digest));
}

;// CONCATENATED MODULE: ./src/plan/refusals/named.ts



/** Finds named items that cannot be deleted: absent ones, wrong ones, and those that a remaining tag needs. */
function named(question) {
    const { target, survey, rules } = question;
    return [
        ...namedLabels(target, survey, rules),
        ...contentOf(question),
        ...misnamed(target, survey),
        ...needed(question),
    ];
}
/** Checks the named tags: each must resolve to the digest written beside it, and be listed. */
function namedLabels(target, survey, { scope, furtherTags }) {
    const { repository } = target;
    const listed = new Set(survey.listed);
    return target.tags.flatMap(({ tag, digest: written }) => {
        const state = survey.tags.get(tag);
        const about = { repository, tag };
        if (state === undefined || state.is === 'unknown') {
            if (written !== undefined)
                return [];
            if (listed.has(tag))
                return [{ kind: 'tag-dangles', ...about, scope }];
            return [{ kind: 'tag-absent', ...about, listed: survey.listed }];
        }
        if (state.is !== 'resolved')
            return [{ kind: 'tag-unreadable', ...about, why: state.why, furtherTags }];
        const { digest } = state;
        if (written !== undefined && written !== digest)
            return [{ kind: 'tag-elsewhere', ...about, digest, written, scope }];
        return listed.has(tag) ? [] : [{ kind: 'tag-unlisted', ...about }];
    });
}
/** Checks the manifests of the images and of everything attached to them: the content of each must be known. */
function contentOf(question) {
    const { target, survey, selected } = question;
    const { whole, reach, holders, named } = selected;
    const roots = rootsOf(target, survey);
    const found = [...whole.manifests].flatMap((digest) => {
        // The content of an attached manifest that is kept need not be known.
        if (holders.held.has(digest) && !reach.manifests.has(digest))
            return [];
        const missing = survey.missing.get(digest);
        const strange = kindProblem(survey.manifests.get(digest));
        const problems = strange === undefined ? [] : [{ kind: strange, digest }];
        if (missing?.is === 'missing' && roots.has(digest) && target.blobs.length === 0)
            problems.push({ kind: 'manifest-absent', digest });
        if (missing !== undefined && missing.is !== 'missing' && !whole.blobs.has(digest))
            problems.push({ kind: 'manifest-unreadable', digest, why: missing.why });
        return problems;
    });
    if (found.length === 0)
        return [];
    const partOf = partsOf(named, question);
    return found.map((each) => ({ ...each, repository: target.repository, part: partOf(each.digest) }));
}
/** The manifests that were named by digest, or beside a tag that does not resolve. */
function rootsOf({ digests, tags }, survey) {
    const absent = tags.filter(({ tag }) => survey.tags.get(tag)?.is !== 'resolved');
    return new Set([...digests, ...absent.flatMap(({ digest }) => digest ?? [])]);
}
function kindProblem(manifest) {
    if (manifest?.kind === 'schema1')
        return 'manifest-schema1';
    if (manifest?.kind === 'unknown')
        return 'manifest-of-unknown-kind';
    return (manifest?.written ?? []).length > 0 ? 'content-of-unknown-type' : undefined;
}
/** Finds blobs that were named as manifests, and manifests that were named as blobs. */
function misnamed(target, survey) {
    const { repository } = target;
    const empty = [...rootsOf(target, survey)].filter((digest) => EMPTY_BLOBS.has(digest));
    const manifests = target.blobs.filter((digest) => survey.manifests.has(digest));
    return [
        ...empty.map((digest) => ({ kind: 'empty-blob-named', repository, digest })),
        ...manifests.map((digest) => ({ kind: 'manifest-among-blobs', repository, digest })),
    ];
}

;// CONCATENATED MODULE: ./src/plan/refusals/remarks.ts

/** Finds the warnings of a plan. */
function remarks(survey, selected) {
    const { repository } = survey;
    const { tags, manifests, blobs, shared, remaining } = selected;
    const gone = manifests.filter((each) => each.gone);
    const foreign = [...manifests, ...blobs].filter((each) => each.foreign);
    const along = tags.flatMap(({ tag, belongsTo }) => belongsTo === undefined || subjectKey(tag) !== undefined
        ? []
        : [{ kind: 'attached-tag-deleted', repository, tag, subject: belongsTo }]);
    return [
        // An empty repository looks the same as one that never existed, or that the user may not see.
        ...(survey.forgotten === true ? [{ kind: 'repository-forgotten', repository }] : []),
        ...gone.map(({ digest }) => ({ kind: 'manifest-gone', repository, digest })),
        ...dangling(remaining, survey),
        ...along,
        ...shared.map((tag) => ({ kind: 'attached-tag-kept', repository, tag })),
        ...foreign.map(({ digest }) => ({ kind: 'content-elsewhere', repository, digest })),
    ];
}
/** Finds remaining tags that were broken before the run. */
function dangling(remaining, { repository, tags }) {
    return remaining
        .filter((each) => tags.get(each.tag)?.is === 'unknown' && !each.protected)
        .map(({ tag }) => ({ kind: 'remaining-tag-dangles', repository, tag }));
}

;// CONCATENATED MODULE: ./src/plan/refusals/unreadable.ts

/**
 * Finds items that cannot be read. Nobody knows what content they need, so they refuse the plan, unless `unreadable-tags`
 * is `ignore`. Even then a contradictory response, a protected tag, or a tag that is attached to the image by its name
 * refuses it.
 */
function unreadable(scene, { unreadableTags, furtherTags }) {
    const pass = (passable) => ({
        ignoring: !passable ? 'never' : unreadableTags === 'ignore' ? 'ignored' : 'possible',
        furtherTags,
    });
    const guarded = new Set(scene.remaining.flatMap((each) => (each.protected ? [each.tag] : [])));
    const findings = [
        ...unreadableTagsIn(scene, guarded, pass),
        ...unreadableManifestsIn(scene, guarded, pass),
        ...unclearReferrersIn(scene, pass),
    ];
    const ignored = findings.filter(({ problem }) => isIgnored(problem));
    return {
        refusals: findings.flatMap(({ problem }) => (isIgnored(problem) ? [] : [problem])),
        warnings: ignored.map(({ problem }) => problem),
        ignored: new Set(ignored.map(({ name }) => name)),
    };
}
function isIgnored(problem) {
    return 'ignoring' in problem && problem.ignoring === 'ignored';
}
function unreadableTagsIn({ survey, remaining, holders, image }, guarded, pass) {
    const { repository } = survey;
    const keys = new Set([...image].filter((digest) => !holders.held.has(digest)).map(keyOf));
    return remaining.flatMap(({ tag }) => {
        const state = survey.tags.get(tag);
        const about = { repository, tag };
        const found = (problem) => [{ problem, name: tag }];
        if (state?.is === 'lie')
            return found({ kind: 'remaining-tag-contradictory', ...about, why: state.why });
        if (state?.is === 'unknown')
            return guarded.has(tag) ? found({ kind: 'protected-tag-dangles', ...about, ...pass(false) }) : [];
        if (state?.is !== 'unreadable')
            return [];
        const { why } = state;
        return keys.has(subjectKey(tag) ?? '')
            ? found({ kind: 'attached-tag-unreadable', ...about, why })
            : found({ kind: 'remaining-tag-unreadable', ...about, why, ...pass(!guarded.has(tag)) });
    });
}
function unreadableManifestsIn({ survey, holders }, guarded, pass) {
    const { repository, missing: all } = survey;
    const blind = new Set([...all.keys()].filter((digest) => holders.held.has(digest)));
    return [...holders.of(blind)].map(([digest, tags]) => {
        const missing = all.get(digest);
        const why = missing === undefined || missing.is === 'missing' ? {} : { why: missing.why };
        const passable = missing?.is !== 'lie' && !tags.some((tag) => guarded.has(tag));
        return {
            problem: { kind: 'needed-manifest-unreadable', repository, digest, tags, ...why, ...pass(passable) },
            name: digest,
        };
    });
}
function unclearReferrersIn({ survey, holders }, pass) {
    const { repository, referrersUnclear } = survey;
    return [...referrersUnclear].flatMap(([subject, why]) => holders.held.has(subject)
        ? [
            {
                problem: { kind: 'remaining-referrers-unclear', repository, subject, why, ...pass(true) },
                name: subject,
            },
        ]
        : []);
}

;// CONCATENATED MODULE: ./src/plan/select/tags.ts



/**
 * Returns the tags of the target. It leaves out a tag that neither resolves nor has a digest written beside it: such a
 * tag refuses the plan.
 */
function askedTags(target, { tags }) {
    return target.tags
        .flatMap(({ tag, digest: written, onlyLabel }) => {
        const state = tags.get(tag);
        const how = onlyLabel === undefined ? {} : { onlyLabel };
        if (state?.is === 'resolved')
            return [{ tag, digest: state.digest, root: written ?? state.digest, ...how }];
        return written === undefined ? [] : [{ tag, root: written, ...how }];
    })
        .sort(byTag);
}
/** @returns the tags that are not in the target, sorted: every listed one, and every protected name that resolves */
function remainingTags(target, facts, { protectedTags, tagsOnReferrers }) {
    const asked = new Set(target.tags.map(({ tag }) => tag));
    const listed = new Set(facts.listed);
    const remaining = [];
    for (const [tag, state] of facts.tags) {
        if (asked.has(tag) || (state.is === 'unknown' && !listed.has(tag)))
            continue;
        remaining.push({
            tag,
            ...(state.is === 'resolved' && { digest: state.digest }),
            protected: protectedTags.some((glob) => guards(glob, tag)),
            ...(protectedTags.some(({ text }) => text === tag) && { namedPlainly: true }),
            ...(tagsOnReferrers === 'keep' && subjectKey(tag) === undefined && { guarded: true }),
        });
    }
    return remaining.sort(byTag);
}
/** @returns the tags that are kept even if they are attached to a deleted image */
function guardedOf(remaining) {
    return new Set(remaining.flatMap((each) => (each.protected || each.guarded === true ? [each.tag] : [])));
}
/** @returns the remaining tags that resolve, with their manifests */
function pointersOf(remaining) {
    const pointers = new Map();
    for (const { tag, digest } of remaining)
        if (digest !== undefined)
            pointers.set(tag, digest);
    return pointers;
}

;// CONCATENATED MODULE: ./src/plan/labels.ts







/** Makes the plan for one repository with `scope: tag`: only labels are deleted, and everything else is kept. */
function planLabels({ target, survey }, rules) {
    const { repository } = target;
    const tags = askedTags(target, survey).map((each) => ({
        ...each,
        onlyLabel: each.onlyLabel ?? { kind: 'scope-tag' },
    }));
    const remaining = remainingTags(target, survey, rules);
    const pointers = pointersOf(remaining);
    for (const { tag, digest } of tags)
        if (digest !== undefined)
            pointers.set(tag, digest);
    const holders = new Holders(pointers, survey, new Set());
    const blind = unreadable({ survey, remaining, holders, image: new Set() }, rules);
    const needed = tags.some(({ digest }) => digest !== undefined);
    const possible = needed ? untagging(repository, survey, rules) : { refusals: [], warnings: [] };
    const way = survey.untagging?.is === 'possible' ? survey.untagging.way : undefined;
    return {
        repository,
        scope: 'tag',
        tags,
        manifests: [],
        blobs: [],
        kept: [],
        remaining,
        ...(needed && way !== undefined && { way }),
        ignored: blind.ignored,
        image: new Set(),
        refusals: [
            ...namedLabels(target, survey, rules),
            ...blind.refusals,
            ...possible.refusals,
            ...access(survey),
        ],
        warnings: [...dangling(remaining, survey), ...blind.warnings, ...possible.warnings],
    };
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
 * The Accept header of every manifest request. If it lacks the type of a manifest, a registry returns 404 although the
 * manifest exists, or converts the manifest, which changes its digest. Schema 1 is left out, because a registry may
 * convert to it.
 */
const ACCEPT = [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST, OCI_ARTIFACT, '*/*'].join(', ');
/** The Accept header for re-reading a manifest that the registry does not know: some registries hide unlisted types. */
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
/** Types that do not define the kind of a manifest. Its structure defines it instead. */
const GENERIC = new Set([
    '',
    'application/json',
    'application/octet-stream',
    'text/plain',
]);
/**
 * Types of blobs that some builders list in an index (build caches list their layers that way). Such a digest must not be
 * sent to the manifests endpoint: distribution 2.8 would treat it as a link to a layer.
 */
const BLOB = /^application\/vnd\.(?:oci\.image\.(?:layer|config)\.|docker\.image\.rootfs\.|docker\.container\.image\.|buildkit\.cacheconfig\.)/;
/** @returns the media type of a Content-Type header in lower case, without parameters; '' if there is none */
function essence(contentType) {
    return (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
/** @returns the kind of a media type in lower case without parameters, as `essence` returns it */
function kindOf(mediaType) {
    return ((Object.hasOwn(KINDS, mediaType) ? KINDS[mediaType] : undefined) ??
        (BLOB.test(mediaType) ? 'blob' : 'unknown'));
}
const IMAGE_CONFIGS = new Set([
    '',
    'application/vnd.oci.image.config.v1+json',
    'application/vnd.docker.container.image.v1+json',
]);
/** @returns whether this is the media type of an image's config, or may be: a descriptor without one counts */
function isImageConfig(mediaType) {
    return IMAGE_CONFIGS.has(mediaType);
}
/** @returns whether a media type does not define the kind */
function isGeneric(mediaType) {
    return GENERIC.has(mediaType);
}

;// CONCATENATED MODULE: ./src/plan/select/image-key.ts


/**
 * Returns the keys under which a manifest is looked up: manifests are the same image if a key of one is among the image keys
 * of the other.
 *
 * The config of an image identifies it, since it names the layers. Artifacts, such as the versions of a Helm chart, may
 * share a config, so two of them are the same only if their layers are the same, too. An artifact with the config of an
 * image is the same as that image: its media type alone proves nothing.
 */
function lookupKeysOf(manifest) {
    const config = manifest.config?.digest;
    if (config === undefined)
        return [];
    return isImage(manifest) ? [config, anyArtifact(config)] : [config, artifact(manifest, config)];
}
/**
 * Returns the keys of an image. Another manifest with one of these lookup keys is the same image.
 *
 * @param manifests the manifests of the image
 * @param whole these manifests, and everything attached to them
 */
function imageKeysOf(manifests, facts, whole) {
    const keys = new Set();
    for (const digest of manifests) {
        const manifest = facts.manifests.get(digest);
        // The config of a signature does not identify the image.
        if (manifest?.subject !== undefined && whole.has(manifest.subject))
            continue;
        const config = manifest?.config?.digest;
        if (manifest === undefined || config === undefined)
            continue;
        const same = [config, ...(facts.twins.get(config) ?? [])];
        if (same.some((each) => EMPTY_BLOBS.has(each)))
            continue;
        for (const each of same)
            for (const key of isImage(manifest) ? [each] : [artifact(manifest, each), anyArtifact(each)])
                keys.add(key);
    }
    return keys;
}
function isImage({ config }) {
    return config !== undefined && isImageConfig(config.mediaType);
}
/** The key of the artifacts with this config and the layers of a manifest. */
function artifact({ config, blobs }, digest) {
    const layers = blobs.map((blob) => blob.digest).filter((each) => each !== config?.digest);
    return [digest, ...layers.sort()].join(' ');
}
/** The key of all artifacts with this config. Only images are looked up under it. */
function anyArtifact(config) {
    return `artifact ${config}`;
}

;// CONCATENATED MODULE: ./src/plan/refusals/aliases.ts


/** Finds other tags under which the image could still be pulled (safety rule 3). */
function aliases({ target, survey, selected, rules }) {
    const all = otherNames(survey, selected);
    if (all.length === 0)
        return [];
    const named = selected.tags.filter(({ belongsTo, digest }) => belongsTo === undefined && digest !== undefined);
    return [
        {
            kind: 'alias',
            repository: target.repository,
            tags: tagsAt(all, survey),
            labels: named.map(({ tag }) => tag),
            furtherTags: rules.furtherTags,
        },
    ];
}
/** @returns the remaining tags that point to a manifest of the images, or need another one that is the same image */
function otherNames(survey, { reach, whole, holders, tags }) {
    const keys = imageKeysOf(reach.manifests, survey, whole.manifests);
    const straight = [...reach.manifests].flatMap((digest) => holders.on(digest));
    const twins = new Set();
    for (const [digest, manifest] of survey.manifests)
        if (!reach.manifests.has(digest) && lookupKeysOf(manifest).some((key) => keys.has(key)))
            twins.add(digest);
    // A deleted label serves nothing.
    const going = new Set(tags.map(({ tag }) => tag));
    return [...new Set([...straight, ...holders.over(twins)])].filter((tag) => !going.has(tag));
}

;// CONCATENATED MODULE: ./src/plan/refusals/referrers.ts
/** Finds deleted manifests whose referrers are unknown: the referrers must be deleted as well. */
function referrers(survey, { manifests }) {
    const { repository } = survey;
    const problems = [];
    for (const { digest: subject } of manifests) {
        const unclear = survey.referrersUnclear.get(subject);
        if (unclear !== undefined)
            problems.push({ kind: 'referrers-unclear', repository, subject, why: unclear });
        for (const digest of survey.referrers.get(subject) ?? []) {
            const missing = survey.missing.get(digest);
            if (missing === undefined || missing.is === 'missing')
                continue;
            problems.push({ kind: 'referrer-unreadable', repository, digest, subject, why: missing.why });
        }
    }
    return [...problems, ...survey.twinsUnclear];
}

;// CONCATENATED MODULE: ./src/plan/select/attached.ts




/** The most steps from one tag to the next. No real chain of signatures is that long. */
const STEPS = 1000;
/**
 * Finds everything that is attached to images, at any depth: manifests that refer to one of their manifests (`subject`),
 * tags that name one of their manifests (`sha256-<hex>`, `.sig`, `.att`, `.sbom`), and tags that point to such a referrer.
 *
 * Only deleted content loses its attached content: a child that another tag needs keeps its signatures. A referrers
 * index or tag that also serves other content is kept, with everything that it needs. A manifest is a referrer only if
 * its own `subject`, which is hashed, names the manifest. The registry's list alone is not enough.
 */
function attach(images) {
    const { roots, pointers, graph, named, guarded, labels } = images;
    const candidates = new Candidates(images);
    const attached = candidates.grow(roots, new Set()).tags;
    const open = new Map([...attached].filter(([tag]) => !guarded.has(tag)));
    const longDigests = digestsByKey(graph);
    const sure = new Map([...pointers].filter(([tag]) => !open.has(tag)));
    const holders = new Holders(sure, graph, named, labels);
    const staying = [...attached.keys()].filter((tag) => guarded.has(tag));
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
            const all = new Set([...subjects, ...subjectsByName(tag, longDigests)]);
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
    const loses = (tag) => [...(attached.get(tag) ?? [])].some((subject) => !holders.held.has(subject));
    return { tags: open, staying: staying.filter(loses).sort(compare), manifests, blobs, subjects, holders };
}
/** The manifests that a tag is attached to by its name, even if they were not read. */
function subjectsByName(tag, long) {
    const key = subjectKey(tag);
    if (key === undefined)
        return [];
    return long.get(key) ?? [key.replace('-', ':')];
}
/** The sha512 digests that were read, by key. A key is shorter than such a digest, so it may fit several of them. */
function digestsByKey({ manifests }) {
    const keys = new Map();
    for (const digest of manifests.keys())
        if (digest.startsWith('sha512:'))
            addTo(keys, keyOf(digest), digest);
    return keys;
}
/** Whether the manifest of a tag serves content that is kept. */
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
/** The tags that may be attached to an image. */
class Candidates {
    #pointers;
    #graph;
    #strangers;
    #byKey = new Map();
    #onReferrer = new Map();
    constructor({ pointers, graph, strangers = new Set() }) {
        this.#pointers = pointers;
        this.#graph = graph;
        this.#strangers = strangers;
        for (const [tag, digest] of pointers) {
            const key = subjectKey(tag);
            if (key !== undefined)
                addTo(this.#byKey, key, tag);
            if (graph.manifests.get(digest)?.subject !== undefined)
                addTo(this.#onReferrer, digest, tag);
        }
    }
    /** Walks from the roots to everything below them and attached to them. From held manifests it walks only down. */
    grow(roots, held) {
        const grown = {
            tags: new Map(),
            manifests: new Set(roots),
            blobs: new Set(),
            subjects: new Map(),
        };
        // A Set hands out entries that are added while it is walked.
        for (const digest of grown.manifests) {
            this.#walkDown(digest, grown);
            if (held.has(digest))
                continue;
            for (const referrer of this.#referrersOf(digest)) {
                addTo(grown.subjects, referrer, digest);
                grown.manifests.add(referrer);
                this.#onReferrer.get(referrer)?.forEach((tag) => this.#takeTag(tag, digest, grown));
            }
            this.#byKey.get(keyOf(digest))?.forEach((tag) => this.#takeTag(tag, digest, grown));
        }
        return grown;
    }
    #walkDown(digest, { manifests, blobs }) {
        const { manifests: known, twins } = this.#graph;
        const manifest = known.get(digest);
        const addBlob = (blob) => {
            for (const each of [blob, ...(twins.get(blob) ?? [])])
                blobs.add(each);
        };
        for (const twin of twins.get(digest) ?? [])
            manifests.add(twin);
        for (const child of manifest?.children ?? [])
            manifests.add(child.digest);
        for (const blob of manifest?.blobs ?? [])
            addBlob(blob.digest);
        for (const written of manifest?.written ?? []) {
            if (known.has(written))
                manifests.add(written);
            else
                addBlob(written);
        }
    }
    /** The manifests whose own `subject` is this one, or a twin of it. */
    #referrersOf(digest) {
        const { manifests, referrers, twins } = this.#graph;
        const same = twins.get(digest) ?? [];
        return (referrers.get(digest) ?? []).filter((referrer) => {
            const subject = manifests.get(referrer)?.subject;
            if (subject === undefined || this.#strangers.has(referrer))
                return false;
            return subject === digest || same.includes(subject);
        });
    }
    #takeTag(tag, subject, { tags, manifests, subjects }) {
        const root = this.#pointers.get(tag);
        if (root === undefined)
            return;
        addTo(tags, tag, subject);
        if (root !== subject)
            addTo(subjects, root, subject);
        manifests.add(root);
    }
}

;// CONCATENATED MODULE: ./src/plan/select/split.ts


/**
 * Splits content: it keeps content that a remaining tag needs, and deletes the rest. The well-known empty blobs are in
 * neither part.
 *
 * @param whole the images with everything attached to them
 * @param more blobs that the user named by digest
 * @param named the digests that were named, by tag or digest
 */
function split(whole, more, read, named) {
    const isEmpty = (digest) => [digest, ...(read.twins.get(digest) ?? [])].some((each) => EMPTY_BLOBS.has(each));
    // A digest is a blob if a manifest lists it as its blob and it was not read as a manifest.
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
    const isDeleted = (digest) => !holders.held.has(digest);
    const heldBy = holders.of(new Set([...manifests, ...blobs].filter((digest) => !isDeleted(digest))));
    const kept = [...heldBy].map(([digest, tags]) => ({
        digest,
        kind: isManifest.has(digest) ? 'manifest' : 'blob',
        ...described(digest),
        level: levels.get(digest) ?? 0,
        heldBy: tags,
    }));
    return {
        manifests: manifests
            .filter(isDeleted)
            .map(content)
            .sort((one, other) => one.level - other.level || byDigest(one, other)),
        blobs: blobs.filter(isDeleted).map(content).sort(byDigest),
        kept: kept.sort(byDigest),
    };
}
/** Tags that are attached to manifests by name can form circles, so this limits the turns. More are not needed for an order. */
const TURNS = 200;
/**
 * The longest way down to each manifest. So a child comes after all its parents, and an attached manifest comes before
 * its subject.
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
/** Merges two descriptors of one blob, which may differ. The result does not depend on their order. */
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
/** Finds media type and size: from the manifest if it was read, else from a descriptor. */
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

;// CONCATENATED MODULE: ./src/plan/select/select.ts






/**
 * Splits a target. It keeps content that a remaining tag needs, and images that lose only their label. It deletes the
 * rest, with everything attached to it.
 */
function select_select(target, survey, rules) {
    const tags = askedTags(target, survey);
    const deletedWhole = tags.filter(({ onlyLabel }) => onlyLabel === undefined);
    const roots = new Set([...deletedWhole.map(({ root }) => root), ...target.digests]);
    const named = new Set([...roots, ...target.blobs]);
    const others = remainingTags(target, survey, rules);
    const labels = labelsOf(tags);
    const whole = attach({
        roots,
        pointers: pointersOf(others),
        graph: survey,
        named,
        guarded: guardedOf(others),
        labels,
    });
    const attached = [...whole.tags].map(([tag, subjects]) => {
        const root = digestOf(survey, tag);
        const [belongsTo = root] = [...subjects].sort(compare);
        return { tag, digest: root, root, belongsTo };
    });
    const more = target.blobs.flatMap((digest) => [digest, ...(survey.twins.get(digest) ?? [])]);
    const { manifests, blobs, kept } = split(whole, more, survey, named);
    const leaving = new Set(labels.map(({ tag }) => tag));
    return {
        tags: [...tags, ...attached].sort(byTag),
        manifests,
        blobs,
        kept: leaving.size === 0 ? kept : kept.map((each) => ({ ...each, heldBy: staying(each.heldBy, leaving) })),
        remaining: others.filter(({ tag }) => !whole.tags.has(tag)),
        image: new Set([...whole.manifests, ...whole.blobs, ...more]),
        named,
        reach: reach(roots, survey, false),
        whole,
        shared: whole.staying,
        holders: whole.holders,
    };
}
/** Leaves out deleted labels, unless only they hold the content. */
function staying(holders, leaving) {
    const others = holders.filter((tag) => !leaving.has(tag));
    return others.length > 0 ? others : holders;
}
function digestOf({ tags }, tag) {
    const state = tags.get(tag);
    if (state?.is !== 'resolved')
        throw new Error(`${tag} is attached and does not resolve`);
    return state.digest;
}

;// CONCATENATED MODULE: ./src/plan/refusals/growth.ts



const NONE = new Set();
/**
 * Collects the remaining tags that have to be named with some images: those that serve a manifest of the images or the
 * same image under another manifest, and those that need something that was named. A tag that is found counts as named,
 * so it leads to further ones. Each manifest is visited twice at most.
 *
 * What is attached to an image may be deleted with it. So the signatures and SBOMs of what is found are found only by
 * `loosen`, if they remain after all others are named.
 */
class Growth {
    #ground;
    /** Whether attached tags and manifests are found at once, as if they always remained. */
    #eager;
    #names = new Map();
    /** The manifests of the images. */
    #reached = new Set();
    /** What needs something that was named, or serves the same image. */
    #above = new Set();
    constructor(ground, eager = false) {
        this.#ground = ground;
        this.#eager = eager;
    }
    /** What was found: tags first, sorted. */
    get names() {
        return [...this.#names.values()].sort(byName);
    }
    /** Adds what has to be named with these manifests, and with what `blobs` names. */
    start(roots) {
        const { links, blobs } = this.#ground;
        this.#grow(roots, this.#besidesBlobs(links.above([...blobs, ...links.users(blobs)], this.#above)));
    }
    /**
     * Adds the attached tags and manifests because of which a plan is still refused. If a remaining image needs a named
     * item only since an untagged manifest refers to the image, this names the manifest and not the image.
     *
     * @param plan what the plan selects that names everything that was found
     * @param blocking the tags because of which it is refused
     * @returns whether anything was found. If not, only tags are blocking that may not be named
     */
    loosen({ reach, whole, holders, named, remaining }, blocking) {
        const { facts, links, pointers } = this.#ground;
        const builds = buildsOf(reach.manifests, this.#ground, whole.manifests);
        const others = builds.filter((each) => !reach.manifests.has(each));
        const over = this.#besidesBlobs(links.above([...named, ...links.users(named), ...others], new Set()));
        const staying = new Set(remaining.map(({ tag }) => tag));
        const before = this.#names.size;
        const found = [...reach.manifests, ...over].filter((digest) => {
            const on = links.on(digest).filter((tag) => staying.has(tag));
            return this.#add(digest, on);
        });
        const isNamed = (digest) => [digest, ...(facts.twins.get(digest) ?? [])].some((each) => named.has(each));
        const untagged = over.filter((digest) => links.isReferrer(digest) &&
            links.on(digest).every((tag) => !staying.has(tag)) &&
            holders.held.has(digest) &&
            !isNamed(digest));
        for (const digest of untagged)
            this.#names.set(digest, { digest });
        if (this.#names.size === before)
            for (const tag of blocking)
                found.push(...this.#addTag(tag, pointers.get(tag)));
        this.#grow([...found, ...untagged], []);
        return this.#names.size > before;
    }
    /** @param over what needs something that was named, besides what these manifests lead to */
    #grow(roots, over) {
        const { links } = this.#ground;
        let open = roots;
        let found = over;
        while (open.length + found.length > 0) {
            const image = links.below(open, this.#reached);
            const above = links.above([...open, ...links.users(open), ...this.#builds(image)], this.#above);
            open = [...image, ...above, ...found].filter((digest) => this.#take(digest));
            found = [];
        }
    }
    #besidesBlobs(digests) {
        return digests.filter((digest) => !this.#ground.blobs.has(digest));
    }
    /** Names the tags on a manifest. @returns whether this names something new */
    #take(digest) {
        const { facts, links } = this.#ground;
        const isReferrer = facts.manifests.get(digest)?.subject !== undefined;
        const tags = links.on(digest);
        if (this.#eager && tags.length === 0 && links.isReferrer(digest) && !this.#names.has(digest)) {
            this.#names.set(digest, { digest });
            return true;
        }
        const firm = isReferrer ? [] : tags.filter((tag) => subjectKey(tag) === undefined);
        return this.#add(digest, this.#eager ? tags : firm);
    }
    #add(digest, tags) {
        const before = this.#names.size;
        for (const tag of tags)
            this.#addTag(tag, digest);
        return this.#names.size > before;
    }
    #addTag(tag, digest) {
        if (digest === undefined || this.#ground.guarded.has(tag) || this.#names.has(tag))
            return [];
        this.#names.set(tag, { tag, digest });
        return [digest];
    }
    /** The manifests that are not part of the images, but are the same image as one of these. */
    #builds(image) {
        const { manifests } = this.#ground.facts;
        const firm = image.filter((digest) => this.#eager || manifests.get(digest)?.subject === undefined);
        return buildsOf(firm, this.#ground, NONE).filter((digest) => !this.#reached.has(digest));
    }
}
function byName(one, other) {
    if (one.tag !== undefined && other.tag !== undefined)
        return compare(one.tag, other.tag);
    return one.tag === other.tag ? compare(one.digest, other.digest) : one.tag === undefined ? 1 : -1;
}
/** The manifests that are the same image as one of these. @param whole these, and everything attached to them */
function buildsOf(image, { facts, links }, whole) {
    return [...imageKeysOf(image, facts, whole)].flatMap((key) => links.withKey(key));
}

;// CONCATENATED MODULE: ./src/plan/refusals/links.ts


/** The manifests of a repository, seen from below: what needs a digest, and which tags point to it. */
class Links {
    #facts;
    /** For each manifest, those that list it, and the other digests of the same bytes. */
    #above = new Map();
    /** For each blob, the manifests that list it. A manifest can be listed as a blob: then nothing below it is needed. */
    #users = new Map();
    #byKey = new Map();
    #referrers;
    #tags = new Map();
    /** @param pointers the remaining tags */
    constructor(facts, pointers) {
        this.#facts = facts;
        const { manifests, twins, referrers } = facts;
        const addUser = (blob, user) => {
            for (const each of [blob, ...(twins.get(blob) ?? [])])
                appendTo(this.#users, each, user);
        };
        for (const [digest, manifest] of manifests) {
            const { children, blobs, written } = manifest;
            for (const child of children)
                appendTo(this.#above, child.digest, digest);
            for (const blob of blobs)
                addUser(blob.digest, digest);
            for (const each of written)
                if (manifests.has(each))
                    appendTo(this.#above, each, digest);
                else
                    addUser(each, digest);
            for (const key of lookupKeysOf(manifest))
                appendTo(this.#byKey, key, digest);
        }
        for (const [digest, others] of twins)
            for (const twin of others)
                appendTo(this.#above, twin, digest);
        for (const [tag, digest] of pointers)
            appendTo(this.#tags, digest, tag);
        this.#referrers = new Set([...referrers.values()].flat());
    }
    /** The remaining tags that point to a manifest. */
    on(digest) {
        return this.#tags.get(digest) ?? [];
    }
    /** The manifests with the key of this image. */
    withKey(key) {
        return this.#byKey.get(key) ?? [];
    }
    /** Whether a manifest refers to another one, which so needs it. */
    isReferrer(digest) {
        return this.#referrers.has(digest);
    }
    /** The manifests that list these digests as blobs. */
    users(digests) {
        return [...digests].flatMap((digest) => this.#users.get(digest) ?? []);
    }
    /**
     * Walks up from manifests: to those that list them, at any height, and to the other digests of the same bytes. Does
     * not walk from a referrer to its subject.
     *
     * @param seen where the walk ends. It gets everything that is found
     * @returns what is found: the manifests themselves, too, if they were not in `seen`
     */
    above(digests, seen) {
        return walk(digests, seen, (digest) => this.#above.get(digest) ?? []);
    }
    /** Walks down, as `above` walks up: to the manifests that an image consists of. */
    below(digests, seen) {
        const { manifests, twins } = this.#facts;
        return walk(digests, seen, (digest) => {
            const { children = [], written = [] } = manifests.get(digest) ?? {};
            return [
                ...(twins.get(digest) ?? []),
                ...children.map((child) => child.digest),
                ...written.filter((each) => manifests.has(each)),
            ];
        });
    }
}
function walk(from, seen, next) {
    const found = [];
    const add = (digest) => {
        if (seen.has(digest))
            return;
        seen.add(digest);
        found.push(digest);
    };
    for (const digest of from)
        add(digest);
    // The loop also visits entries that are added to the list while it runs.
    for (const digest of found)
        next(digest).forEach(add);
    return found;
}

;// CONCATENATED MODULE: ./src/plan/refusals/closure.ts








/** Turns in which attached items are found one after the other. More are found all at once. */
const closure_TURNS = 20;
/** How often names are tried without one of them, at most: each costs as much as a plan. */
const TRIES = 100;
/** The same, for so many manifests together. */
const MANIFESTS = 40_000;
/**
 * Finds what has to be named besides, so that the plan is no longer refused because a remaining tag serves an image under
 * another name, or needs something that was named. A tag that is named has its whole image purged, which other tags may
 * serve or need in turn, so this goes on until nothing more is found.
 *
 * A pure function. Its time grows with the number of manifests, and not with its square.
 *
 * @param selected what the plan selects without that
 */
function closureOf(naming, selected) {
    const { target, survey, rules } = naming;
    const remaining = remainingTags(target, survey, rules);
    const pointers = pointersOf(remaining);
    const links = new Links(survey, pointers);
    const blobs = new Set(target.blobs);
    const ground = { facts: survey, links, pointers, guarded: guardedOf(remaining), blobs };
    const roots = [...selected.named].filter((digest) => !blobs.has(digest));
    let growth = new Growth(ground);
    growth.start(roots);
    let look = lookAt(naming, growth.names);
    let turn = 1;
    for (; look.blocking.length > 0; turn++) {
        if (turn === closure_TURNS) {
            growth = new Growth(ground, true);
            growth.start(roots);
        }
        else if (!growth.loosen(look.selected, look.blocking))
            return { is: 'protected', tags: look.blocking };
        look = lookAt(naming, growth.names);
    }
    if (turn > 1)
        look = pruned(naming, look);
    return { is: 'names', names: look.names, along: alongWith(look, selected) };
}
/** Plans once more, with some names besides. */
function lookAt({ target, survey, rules }, names) {
    const tags = names.flatMap(({ tag, digest }) => (tag === undefined ? [] : [{ tag, digest }]));
    const digests = names.flatMap(({ tag, digest }) => (tag === undefined ? [digest] : []));
    const more = { ...target, tags: [...target.tags, ...tags], digests: [...target.digests, ...digests] };
    const selected = select_select(more, survey, rules);
    const needing = [...holdersOfNamed(selected).values()].flat();
    return { names, selected, blocking: [...new Set([...otherNames(survey, selected), ...needing])] };
}
/**
 * Leaves out names that are not needed: an attached item is found before the image that it is attached to, and is
 * deleted with it. With very many manifests a few may be left that are not needed.
 */
function pruned(naming, whole) {
    const { survey } = naming;
    const isAttached = ({ tag, digest }) => tag === undefined || subjectKey(tag) !== undefined || survey.manifests.get(digest)?.subject !== undefined;
    const plain = lookAt(naming, whole.names.filter((name) => !isAttached(name)));
    let look = isEnough(plain, whole.names.filter(isAttached), survey) ? plain : whole;
    let tries = Math.min(TRIES, MANIFESTS / survey.manifests.size);
    for (let at = 0; at < look.names.length && tries > 0; tries--) {
        const rest = lookAt(naming, look.names.toSpliced(at, 1));
        if (!isEnough(rest, look.names.slice(at, at + 1), survey))
            at++;
        else
            [look, at] = [rest, 0];
    }
    return look;
}
/** Whether names are enough without these, and these serve no manifest of the same images either. */
function isEnough({ selected, blocking }, without, survey) {
    if (blocking.length > 0)
        return false;
    const { reach, whole, holders, tags, manifests } = selected;
    const deleted = new Set([
        ...tags.map(({ tag }) => tag),
        ...manifests.map(({ digest }) => digest),
    ]);
    const staying = without.filter(({ tag, digest }) => !deleted.has(tag ?? digest));
    const keys = imageKeysOf(reach.manifests, survey, whole.manifests);
    return ![...holders.needs(staying.map(({ digest }) => digest)).manifests].some((each) => {
        const manifest = survey.manifests.get(each);
        return manifest !== undefined && lookupKeysOf(manifest).some((key) => keys.has(key));
    });
}
/** The tags that a plan with more names deletes, without those that it names or would delete anyway. */
function alongWith({ names, selected }, { tags }) {
    const known = new Set([...tags, ...names].map(({ tag }) => tag));
    return selected.tags.flatMap(({ tag }) => (known.has(tag) ? [] : [tag]));
}

;// CONCATENATED MODULE: ./src/plan/refusals/together.ts


/** @returns what has to be named together in one repository */
function togetherIn({ target, survey, selected, rules }) {
    const { repository } = target;
    const closure = closureOf({ target, survey, rules }, selected);
    if (closure.is === 'protected') {
        const entryFor = (tag) => rules.protectedTags.find((glob) => guards(glob, tag))?.text ?? tag;
        return {
            is: 'protected',
            tags: closure.tags.map((tag) => ({ repository, tag, entry: entryFor(tag) })),
        };
    }
    const further = closure.names.map(({ tag, digest }) => tag === undefined ? { repository, digest } : { repository, tag, digest });
    const along = closure.along.map((tag) => ({ repository, tag }));
    return { is: 'lines', further, along, ...given(target, survey), whole: false };
}
/** Adds to the last problem that is solved by naming more what has to be named. */
function withLines(problems, together) {
    const at = problems.findLastIndex(isSolvable);
    const last = problems[at];
    if (last === undefined || !isSolvable(last))
        return problems;
    return problems.with(at, { ...last, together: together() });
}
/**
 * Puts what has to be named in all repositories together, so that the lines can be pasted as they are. The last problem
 * that is solved by them has them.
 */
function joinLines(plans, cases) {
    const own = plans.map(({ refusals }) => togetherAmong(refusals));
    const last = own.findLastIndex((each) => each !== undefined);
    if (last < 0)
        return plans;
    const all = own.flatMap((each, at) => {
        const asked = cases[at];
        if (each !== undefined || asked === undefined)
            return each === undefined ? [] : [each];
        return [{ is: 'lines', further: [], along: [], ...given(asked.target, asked.survey), whole: false }];
    });
    return plans.map((plan, at) => {
        if (own[at] === undefined)
            return plan;
        const refusals = plan.refusals.map((problem) => {
            if (!isSolvable(problem) || problem.together === undefined)
                return problem;
            const { together: _, ...rest } = problem;
            return at === last ? { ...rest, together: joined(all) } : rest;
        });
        return { ...plan, refusals };
    });
}
/** @returns what has to be named together, if one of these problems says so */
function togetherAmong(problems) {
    for (const problem of problems)
        if (isSolvable(problem) && problem.together)
            return problem.together;
    return undefined;
}
/** Whether more has to be named than was, for what was named to be purged. */
function isSolvable(problem) {
    return ((problem.kind === 'alias' && problem.furtherTags === 'name-them') ||
        (problem.kind === 'named-but-needed' && problem.by.every(({ is }) => is !== 'selected')));
}
function joined(all) {
    const tags = all.flatMap((each) => (each.is === 'protected' ? each.tags : []));
    if (tags.length > 0)
        return { is: 'protected', tags };
    const lines = all.filter((each) => each.is === 'lines');
    return {
        is: 'lines',
        further: lines.flatMap(({ further }) => further),
        along: lines.flatMap(({ along }) => along),
        image: lines.flatMap(({ image }) => image),
        blobs: lines.flatMap(({ blobs }) => blobs),
        whole: true,
    };
}
/** The entries that were given, each tag with its digest. */
function given({ repository, tags, digests, blobs }, survey) {
    return {
        image: [
            ...tags.map(({ tag, digest: written }) => {
                const state = survey.tags.get(tag);
                const digest = written ?? (state?.is === 'resolved' ? state.digest : undefined);
                return { repository, tag, ...(digest !== undefined && { digest }) };
            }),
            ...digests.map((digest) => ({ repository, digest })),
        ],
        blobs: blobs.map((digest) => ({ repository, digest })),
    };
}

;// CONCATENATED MODULE: ./src/plan/refusals/refuse.ts








/** Finds every reason why a plan must not be carried out, and its warnings. */
function refuse(question) {
    const { target, survey, selected, rules } = question;
    const { remaining, holders, whole } = selected;
    const probed = deletion(target.repository, survey, rules);
    // The survey probes whether a label can be removed alone only if the plan may need that.
    const labels = untagging(target.repository, survey, rules);
    const blind = unreadable({ survey, remaining, holders, image: whole.manifests }, rules);
    const refusals = [
        ...named(question),
        ...blind.refusals,
        ...aliases(question),
        ...referrers(survey, selected),
        ...shared(question),
        ...probed.refusals,
        ...labels.refusals,
        ...access(survey),
    ];
    return {
        refusals: withLines(refusals, () => togetherIn(question)),
        warnings: [...remarks(survey, selected), ...blind.warnings, ...probed.warnings, ...labels.warnings],
        ignored: blind.ignored,
    };
}
function shared({ target, selected: { kept }, rules }) {
    if (rules.sharedBlobs === 'keep' || kept.length === 0)
        return [];
    return [
        {
            kind: 'shared-blobs',
            repository: target.repository,
            kept: kept.map(({ digest, heldBy }) => ({ digest, heldBy })),
            furtherTags: rules.furtherTags,
        },
    ];
}

;// CONCATENATED MODULE: ./src/plan/decide.ts







/**
 * Decides which digests to delete and which to keep, and refuses plans that are not safe. A pure function: the same facts
 * give the same plan, whatever their order.
 *
 * @param cases one for each repository: the items to delete, and the survey
 * @param rules the user's decisions
 * @param idle the tags of the other repositories of the run, in which nothing was selected
 */
function decide_plan(cases, rules, idle = []) {
    const own = cases.map((each) => planRepository(each, rules));
    const repositories = rules.together ? joinLines(own, cases) : own;
    // A refused plan is not carried out, so it is not part of what the user approves.
    const going = rules.together ? repositories : repositories.filter(({ refusals }) => refusals.length === 0);
    const print = fingerprint(rules, going);
    const { approved } = rules;
    const unmatched = unmatchedProtection(repositories, rules, idle);
    const differs = approved === undefined || approved === print
        ? []
        : [{ kind: 'fingerprint-differs', fingerprint: print, approved }];
    return {
        repositories,
        fingerprint: print,
        refusals: [...tooMany(going, rules), ...(approved === undefined ? unmatched : []), ...differs],
        warnings: approved === undefined ? [] : unmatched,
    };
}
function unmatchedProtection(repositories, { protectedTags }, idle) {
    return protectedTags
        .filter((glob) => !repositories.some(({ remaining }) => remaining.some(({ tag }) => guards(glob, tag))) &&
        !idle.some((tags) => tags.some((tag) => guards(glob, tag))))
        .map(({ text }) => ({ kind: 'protected-tags-match-nothing', pattern: text }));
}
/** Does not count tags that are attached to an image by their name: they are deleted with it. */
function tooMany(going, { maxDeletions }) {
    const tags = going.flatMap(({ tags }) => tags.filter(({ tag }) => subjectKey(tag) === undefined));
    const most = [...going].sort((one, other) => other.tags.length - one.tags.length)[0];
    if (maxDeletions === undefined || most === undefined || tags.length <= maxDeletions)
        return [];
    return [
        {
            kind: 'max-deletions',
            tags: tags.length,
            allowed: maxDeletions,
            repositories: going.length,
            most: most.repository,
        },
    ];
}
/** Makes the plan for one repository. */
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
        ...refuse({ target, survey, selected, rules }),
    };
}

;// CONCATENATED MODULE: ./src/plan/cleanup/match.ts



/**
 * Finds the listed tags that match, and their images. Tags that are attached to an image by their name never
 * match: they are deleted or kept with it. The result does not depend on the order of the list.
 */
function match(facts, { globs, except, protectedTags }) {
    const images = new Map();
    const unselected = [];
    const matching = facts.listed.filter((tag) => match_matches(tag, globs) && !match_matches(tag, except));
    for (const tag of matching.sort(compare)) {
        const state = facts.tags.get(tag);
        if (state === undefined || state.is === 'unknown')
            unselected.push({ tag, because: { kind: 'dangling' } });
        else if (state.is !== 'resolved')
            unselected.push({ tag, because: { kind: 'unreadable', why: state.why } });
        else {
            const { digest } = state;
            const image = images.get(digest) ?? { digest, tags: [] };
            images.set(digest, image);
            const guard = protectedTags.find((glob) => guards(glob, tag));
            if (guard === undefined)
                image.tags.push(tag);
            else
                unselected.push({ tag, digest, because: { kind: 'protected', pattern: guard.text } });
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

;// CONCATENATED MODULE: ./src/registry/limit.ts
/**
 * Limits the requests in flight to `most`. Further ones wait in the order in which they came.
 *
 * @param most 1 or more
 * @param sent called before each request is sent
 */
function limited(send, most, sent) {
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
            sent(request.purpose);
            return await send(request);
        }
        finally {
            leave();
        }
    };
}
/**
 * Runs `work` for each entry, at most `width` at a time. After the first error, starts no further entry.
 *
 * @returns the results in the order of the entries
 * @throws the first error of `work`, after the entries in progress have ended
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

;// CONCATENATED MODULE: ./src/registry/progress.ts

/** Shows nothing. */
const unseen = { of: () => ({ done: () => { }, end: () => { } }) };
/** Like `each`, and counts the entries that are done. */
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

;// CONCATENATED MODULE: ./src/registry/certificate-text.ts
const UNKNOWN_AUTHORITY = new Set([
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_SIGNATURE_FAILURE',
]);
const OTHER_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID';
const EXPIRED = 'CERT_HAS_EXPIRED';
const NOT_YET_VALID = 'CERT_NOT_YET_VALID';
/** Further results of OpenSSL's verification, by the names that Node gives them. */
const UNSOUND = new Set([
    'INVALID_CA',
    'INVALID_PURPOSE',
    'PATH_LENGTH_EXCEEDED',
    'CERT_CHAIN_TOO_LONG',
    'CERT_REVOKED',
    'CERT_UNTRUSTED',
    'CERT_REJECTED',
    'UNSPECIFIED',
]);
const SHOWN_CERTIFICATES = 3;
const SHOWN_HOSTS = 5;
const SHOWN_NAME = 100;
/** @returns whether the code of a failed connection is about the server's certificate */
function isOfCertificate(code) {
    return (UNKNOWN_AUTHORITY.has(code) || UNSOUND.has(code) || [OTHER_NAME, EXPIRED, NOT_YET_VALID].includes(code));
}
/** @returns what is wrong with the certificate, what was read, and what to do; undefined for another code */
function certificateText(code, url, facts) {
    if (!isOfCertificate(code))
        return undefined;
    const { host } = url;
    if (UNKNOWN_AUTHORITY.has(code))
        return `the certificate of ${host} is from an authority that is not trusted (${code})${authorityText(facts)}`;
    if (code === OTHER_NAME) {
        const hosts = facts?.sent[0]?.hosts ?? [];
        const names = hosts.length === 0 ? '' : `: it is for ${list(hosts.map(harmless), SHOWN_HOSTS)}`;
        return `the certificate of ${host} is for another name (${code})${names}. Set \`registry\` to a name in the certificate`;
    }
    if (code === EXPIRED)
        return expiredText(host, code, facts);
    if (code === NOT_YET_VALID) {
        const late = facts?.sent.find(({ from }) => from > facts.at);
        const when = late === undefined ? '' : `: ${nameOf(late.subject)} is valid from ${day(late.from)}`;
        return `the certificate of ${host} is not valid yet (${code})${when}. Check the clock of this runner`;
    }
    return `the certificate of ${host}, or one that issued it, cannot be used (${code})${readText(facts?.given)}. Have the registry send a certificate with a valid chain`;
}
/** What was read, what is missing, and which certificate to add. */
function authorityText(facts) {
    const given = facts?.given ?? [];
    const own = facts?.sent[0];
    const top = facts?.sent.at(-1);
    if (own === undefined || top === undefined)
        return `${readText(given)}. Add the authority's certificate to \`ca-certificate\``;
    if (isSelfSigned(own))
        return `: it is self-signed, and it is neither among the system's authorities nor in \`ca-certificate\`${readText(given)}. If it is genuine, add this certificate (${described(own)}) to \`ca-certificate\``;
    const missing = isSelfSigned(top) ? top.subject : top.issuer;
    const namesake = given.find(({ subject }) => subject === missing);
    if (namesake !== undefined)
        return `: it was issued by ${nameOf(missing)}, and \`ca-certificate\` has a certificate of that name (${described(namesake)}), but with another key. Replace it with the authority's present certificate`;
    return `: it was issued by ${nameOf(missing)}, which is neither among the system's authorities nor in \`ca-certificate\`${readText(given)}. Add the certificate of ${nameOf(missing)} to \`ca-certificate\``;
}
/** The expired certificate may be that of an authority, from the server or from the user. */
function expiredText(host, code, facts) {
    const isOver = ({ to }) => to < (facts?.at ?? 0);
    const own = facts?.sent[0];
    const given = facts?.given.find(isOver);
    if (own === undefined || isOver(own)) {
        const which = own === undefined ? '' : `: ${described(own)}`;
        return `the certificate of ${host} has expired (${code})${which}. Renew it`;
    }
    if (given !== undefined)
        return `the certificate of an authority in \`ca-certificate\` has expired (${code}): ${described(given)}. Replace it with the authority's present certificate`;
    const between = facts?.sent.find(isOver);
    const which = between === undefined ? '' : `: ${described(between)}`;
    return `the certificate of an authority that issued that of ${host} has expired (${code})${which}. Have the registry send the authority's present certificate`;
}
function readText(given = []) {
    if (given.length === 0)
        return '';
    const many = given.length === 1 ? '1 certificate' : `${given.length} certificates`;
    return ` (read: ${many}, ${list(given.map(described), SHOWN_CERTIFICATES)})`;
}
function isSelfSigned({ subject, issuer }) {
    return subject === issuer;
}
function described({ subject, to }) {
    return `${nameOf(subject)} valid until ${day(to)}`;
}
/** @returns the common name of a certificate, or its whole name if it has none, in quotation marks */
function nameOf(name) {
    const parts = name.split('\n');
    const common = parts.filter((part) => part.startsWith('CN=')).at(-1);
    return `"${harmless(common ?? parts.join(', '))}"`;
}
function day(time) {
    return Number.isNaN(time) ? 'an unknown day' : new Date(time).toISOString().slice(0, 10);
}
function list(texts, most) {
    const more = texts.length > most ? ` and ${texts.length - most} more` : '';
    return `${texts.slice(0, most).join(', ')}${more}`;
}
/** @returns text of a certificate in one line of bounded length, without characters that could mean something elsewhere */
function harmless(text) {
    const plain = text.replace(/[^\p{L}\p{N} .,:;_@/()*=+&-]/gu, '?');
    return plain.length > SHOWN_NAME ? `${plain.slice(0, SHOWN_NAME)}…` : plain;
}

;// CONCATENATED MODULE: ./src/registry/failure.ts

/** The code for a proxy that does not respond. */
const NO_PROXY = 'ECONNPROXY';
/** The code for the address of a proxy that is no valid URL. */
const INVALID_PROXY = 'ERR_PROXY_INVALID_CONFIG';
const NOT_TLS = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO']);
/** The server's TLS alerts about the client certificate, in TLS 1.3 and earlier versions. */
const CLIENT_REFUSED = /^ERR_SSL_.*ALERT_(?:CERTIFICATE_REQUIRED|(?:BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/;
/**
 * @param unverified the facts about the certificate, if it could not be verified
 * @returns what happened and what to do, as the end of a message
 */
function failureText(failure, code, url, unverified) {
    if (failure === 'timeout')
        return 'no complete response in time. Check that the registry is up and reachable from this runner, or set a longer `timeout`';
    if (failure === 'cancelled')
        return 'stopped before the response was complete';
    if (failure === 'too-large')
        return `the response is larger than this action accepts (${code} bytes)`;
    if (failure === 'forbidden-address')
        return `the address is ${code}, to which this action never connects`;
    if (failure === 'token')
        return `the token service ${code}. Check that it is up and reachable from this runner, and that the credentials are still valid`;
    if (failure === 'held')
        return 'not sent: the registry requests a longer pause (Retry-After) than this request may wait';
    if (failure === 'redirected-to-https')
        return `the registry redirects to https. Write \`registry: ${code}\``;
    if (failure === 'redirected-to-http')
        return `the registry directs requests to itself over plain http (${code}), since it does not know of the TLS proxy in front of it. Have the proxy send \`X-Forwarded-Proto: https\`, or set the registry's external URL (distribution: \`http.host\`, REGISTRY_HTTP_HOST) to ${url.origin}`;
    if (failure === 'token-service-redirects')
        return `it redirects to ${code}, and credentials never follow a redirect. Set its address to https at the registry (distribution: \`auth.token.realm\`; others: the external URL)`;
    if (failure === 'plain-token-service')
        return `the registry names a token service over plain http (${code}), to which this action sends no credentials. Set its address to https at the registry (distribution: \`auth.token.realm\`; others: the external URL), or have the TLS proxy in front of the registry send \`X-Forwarded-Proto: https\``;
    return networkText(code, url, unverified);
}
function networkText(code, url, unverified) {
    if (code === 'ECONNECTLIMIT')
        return `no connection to ${url.host} in time. Check that it is up and reachable from this runner, or through the proxy that HTTPS_PROXY or HTTP_PROXY names`;
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
        return `the host ${url.hostname} was not found (${code}). Check the spelling of \`registry\`, and that this runner can resolve the name`;
    if (code === 'ECONNREFUSED')
        return `nothing listens at ${url.host} (${code}). Check host and port of \`registry\`, and that the registry is up`;
    const ofCertificate = certificateText(code, url, unverified);
    if (ofCertificate !== undefined)
        return ofCertificate;
    if (CLIENT_REFUSED.test(code))
        return `${url.host} requires a client certificate, or refuses the one that was sent (${code}). Set \`client-certificate\` to one that it accepts, and \`client-key\` to its key`;
    if (NOT_TLS.has(code))
        return `${url.host} does not speak TLS (${code}). If the registry uses plain http, set \`registry: http://${url.host}\``;
    if (code === NO_PROXY || code === 'ERR_PROXY_TUNNEL')
        return `the proxy that HTTPS_PROXY or HTTP_PROXY names ${code === NO_PROXY ? 'does not respond' : `does not connect to ${url.host}`} (${code}). Check its address and credentials, or add ${url.hostname} to NO_PROXY`;
    if (code === INVALID_PROXY)
        return `the address of the proxy is not valid (${code}). Set HTTPS_PROXY or HTTP_PROXY to http://host:port, with special characters of a user or password percent-encoded`;
    const plain = url.protocol === 'http:' && (code.startsWith('HPE_') || code === 'ECONNRESET');
    const hint = plain ? '. If the registry uses https, set `registry` without http://' : '';
    return `the connection failed (${code})${hint}`;
}

;// CONCATENATED MODULE: ./src/registry/errors.ts

/**
 * A request got no complete response. It is the only error that a Send throws; its message says what to do. It keeps
 * neither the request nor the error of the HTTP library, since both may hold secrets.
 */
class WireError extends Error {
    name = 'WireError';
    failure;
    /** The code of the system or the TLS library, such as ECONNRESET; for some failures, words that complete the message. */
    code;
    /** @param options `cause` only if it holds no secret; the facts about a certificate that could not be verified */
    constructor(request, failure, code, options) {
        const url = shownUrl(request);
        const whose = request.purpose === 'token' ? '. This is the token service that the registry names' : '';
        const text = failureText(failure, code, url, options?.unverified);
        super(`${request.method} ${display(url)}: ${text}${whose}`, options);
        this.failure = failure;
        this.code = code;
    }
}
/** The run must stop, because it was cancelled or its time limit is reached. */
class Stopped extends Error {
    name = 'Stopped';
    constructor(options) {
        super('the run was stopped', options);
    }
}
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const SHOWN_ENTRIES = 3;
const SHOWN_TEXT = 200;
/** A note may quote the response of a token service. */
const SHOWN_NOTE = 600;
const SHOWN_PATH = 500;
/** Bytes. A longer body was not read to its end. */
const LONGEST_QUOTED = 64 << 10;
const HIDDEN_HOST = 'address-not-shown.invalid';
/** The codes of the specification. None of them can be a secret. */
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
/** For responses without `quoting`. */
const OPEN = { body: (text) => text, word: (text) => text };
/**
 * @returns the entries of an error body; none if it is not such JSON. The Content-Type does not matter: some registries
 *   send this JSON as text/plain, also with a 202
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
/** @returns the first error code of a body, or '' */
function firstCode({ body }) {
    return errorEntries(body)[0]?.code ?? '';
}
/** @returns whether the body has an error with this code, or with one that passes the test */
function hasCode(response, code) {
    const test = typeof code === 'string' ? (each) => each === code : code;
    return errorEntries(response.body).some((entry) => test(entry.code));
}
/** @returns whether the status is 404 or 410 */
function isGone(response) {
    return response.status === 404 || response.status === 410;
}
/** @returns whether the status is 401 or 403 */
function isDenied(response) {
    return response.status === 401 || response.status === 403;
}
/**
 * @returns the status with the errors of the body, in one line of bounded length, such as `404 MANIFEST_UNKNOWN (manifest
 *   unknown)`. If the body may hold a secret, only the status and the codes
 */
function describe(response) {
    const errors = errorsOf(response);
    const cut = response.cut ? ', and the body was cut off' : '';
    const note = response.note === undefined ? '' : `: ${oneLine(response.note, SHOWN_NOTE)}`;
    return `${response.status}${errors === '' ? '' : ` ${errors}`}${cut}${note}`;
}
/**
 * Describes the errors of a body. Never shows the body of a success, which may be content of an image, nor the body of a
 * storage's response, which may hold a signed link.
 */
function errorsOf(response) {
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
/** @returns the body as text without secrets, or undefined if it is cut: half a secret at its end would not be found */
function quotable({ body, cut }, quoting) {
    if (body.length === 0)
        return '';
    if (quoting === OPEN)
        return Buffer.from(body).toString('utf8');
    return cut || body.length > LONGEST_QUOTED ? undefined : quoting.body(Buffer.from(body).toString('utf8'));
}
/** @returns the URL of a request, or a placeholder if the URL holds a secret */
function shownUrl({ url, hidden }) {
    return hidden?.() === true ? new URL(`${url.protocol}//${HIDDEN_HOST}/`) : url;
}
/**
 * @returns the URL in a bounded length, without the parts that may be secret: user, query and fragment. A long path is
 *   left out, since a cut might leave half a secret that is not found
 */
function display(url) {
    const path = url.pathname.length > SHOWN_PATH ? '/…' : oneLine(url.pathname, SHOWN_PATH);
    return `${url.protocol}//${url.host}${path}${url.search === '' ? '' : '?…'}`;
}
/** Cuts a long text and marks the cut with an …, because a secret may be cut there. Must come before `oneLine`. */
function beginning(text) {
    return text.length > 4 * SHOWN_TEXT ? `${text.slice(0, 4 * SHOWN_TEXT)}…` : text;
}
function oneLine(text, most = SHOWN_TEXT) {
    const line = text.replace(/\s+/g, ' ').trim();
    return line.length > most ? `${line.slice(0, most)}…` : line;
}

;// CONCATENATED MODULE: ./src/registry/attempt.ts

/**
 * Waits for a response. Returns a WireError instead of throwing it.
 *
 * @throws Stopped
 */
async function attempt(response) {
    try {
        return await response;
    }
    catch (error) {
        if (error instanceof WireError)
            return error;
        throw error;
    }
}
/** @returns one bounded line: the response, or why there is none */
function outcomeOf(response) {
    return response instanceof WireError ? response.message : describe(response);
}
/** @param stop aborted when no new work may start @throws Stopped if it is aborted */
function throwIfStopped(stop) {
    if (stop.aborted)
        throw new Stopped();
}
/**
 * Turns the failure of a cancelled request into `Stopped`. Only the client uses it. Below the client, a cancellation is a
 * WireError; above the client, it is always `Stopped`.
 */
function stoppable(send) {
    return async (request) => {
        try {
            return await send(request);
        }
        catch (error) {
            if (error instanceof WireError && error.failure === 'cancelled')
                throw new Stopped({ cause: error });
            throw error;
        }
    };
}

;// CONCATENATED MODULE: ./src/survey/errors.ts

/** The tags of a repository cannot be listed. The message is for developers, `problem` is for the user. */
class ListError extends Error {
    name = 'ListError';
    problem;
    constructor(problem) {
        super(`${problem.repository}: ${wordsOf(problem.kind)}`);
        this.problem = problem;
    }
}
/** The registry does not know the repository. */
class UnknownRepository extends ListError {
    name = 'UnknownRepository';
    /** The response may be that of a gateway in front of the registry. */
    perhaps;
    constructor(problem, perhaps = false) {
        super(problem);
        this.perhaps = perhaps;
    }
}
/** The tag list is not up to date, even if it is requested past caches. */
class StaleList extends ListError {
    name = 'StaleList';
    constructor(problem) {
        super(problem);
    }
}
/** The catalog cannot be read. The message is for developers, `problem` is for the user. */
class CatalogError extends Error {
    name = 'CatalogError';
    problem;
    constructor(problem) {
        super(`${problem.origin}: ${wordsOf(problem.kind)}`);
        this.problem = problem;
    }
}
function problemOf(error) {
    return error instanceof WireError
        ? { kind: 'no-response', message: error.message }
        : error.problem;
}
/** `tag-list-stale` → `tag list stale` */
function wordsOf(kind) {
    return kind.replaceAll('-', ' ');
}

;// CONCATENATED MODULE: ./src/registry/decorators/quoted.ts
/** Replaces a value that holds a credential. */
const quoted_NOT_SHOWN = '(not shown)';
/**
 * Adds `quoting` to every response. Must be the innermost decorator, so that secrets are found before any text is cut,
 * folded or decoded.
 */
function quoted_quoted(send, quoting) {
    return async (request) => ({ ...(await send(request)), quoting });
}
/** @returns the text of a response, for a message; `(not shown)` if it holds a secret */
function quote({ quoting }, text) {
    return quoting === undefined ? text : (quoting.word(text) ?? quoted_NOT_SHOWN);
}

;// CONCATENATED MODULE: ./src/registry/cached.ts

/** Characters of a header that are shown. */
const EXCERPT = 60;
/** Names of headers in which caches report where a response is from… */
const STATUS = /cache|^x-served-from$|^server-timing$/;
/** …except the names of headers that only control what may be cached. */
const NO_STATUS = /^(?:cache-control|cdn-cache-control|surrogate-control)$|-cache-control$|cache-key|cache-tag|cache-ttl|cacheable/;
/** A stored response: HIT, TCP_MEM_HIT, STALE, UPDATING (nginx serves a stale response while it updates). */
const STORED = /(?<![a-z])(?:hit|stale|updating)(?![a-z])/i;
/** RFC 9211: why a cache forwarded the request (`fwd=stale`), and `hit=?0`. Such a response is not from a cache. */
const FORWARDED = /\bfwd(?:-status)?\s*=\s*[\w-]+|\bhit\s*=\s*\?0/gi;
/**
 * Detects a response from a cache in front of the registry. Such a response does not show the present state of the
 * registry. The signs are `Age` above 0 (RFC 9111, 5.1), a status header of a cache with HIT or STALE (`X-Cache`,
 * `X-Cache-Status`, `CF-Cache-Status`, `Cache-Status` of RFC 9211 and others), and a warning that the response is
 * stale. A cache that sends no such header is not detected.
 *
 * @returns the header that shows it, such as `Age: 7`, in a bounded length; undefined if no cache is detected
 */
function cacheOf(response) {
    const { headers } = response;
    const age = headers.get('age');
    if (age !== undefined && Number.parseInt(age, 10) > 0)
        return shown(response, 'age', age);
    for (const name of headers.keys()) {
        const value = headers.get(name) ?? '';
        if (name === 'warning' && /^\s*11[0-3]\b/.test(value))
            return shown(response, name, value);
        if (!STATUS.test(name) || NO_STATUS.test(name))
            continue;
        // In X-Cache-Lookup, Squid reports a stored response even if it did not return it.
        if (name === 'x-cache-lookup' && headers.has('x-cache'))
            continue;
        if (name === 'server-timing' && !value.toLowerCase().includes('cache'))
            continue;
        if (name === 'x-cache-hits' ? /[1-9]/.test(value) : STORED.test(value.replace(FORWARDED, '')))
            return shown(response, name, value);
    }
    return undefined;
}
/** Removes secrets before it cuts the value: it would not find half a secret. */
function shown(response, name, value) {
    const whole = quote(response, value);
    return `${quote(response, name)}: ${whole.length > EXCERPT ? `${whole.slice(0, EXCERPT)}…` : whole}`;
}

;// CONCATENATED MODULE: ./src/survey/json.ts
/** @returns the parsed body of a response, or undefined if it is no JSON */
function parseJson(body) {
    try {
        return JSON.parse(Buffer.from(body).toString('utf8'));
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./src/registry/lists/link.ts
/** A target without angle brackets must look like a URL. */
const BARE = /^(?:https?:\/\/[^\s<>"']+|[^\s<>"':]*[/?][^\s<>"']*)$/i;
/** The start of the parameters of such a target. A `;` may also be part of the URL. */
const PARAMETERS = /;\s*(?=(?:rel|rev|title\*?|type|anchor|hreflang|media)\s*=)|;\s+|;$/i;
/** A comma that ends a link: the next link or the end of the header follows it. */
const NEXT_LINK = /^,\s*(?=$|<|https?:\/\/|[/?]|,)/i;
/** Like `NEXT_LINK`, for a target without brackets, which may hold commas itself. */
const NEXT_BARE = /,(?:\s+|\s*(?=$|<|https?:\/\/))/i;
/**
 * Parses a Link header. Accepts some forms that RFC 8288 does not allow, if their meaning is clear: a target without angle
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
        // RFC 8288, 3.3: a second `rel` is ignored. If only the second one is `next`, the header contradicts itself.
        if (rel !== undefined && relations.includes('next') && !rel.includes('next'))
            return undefined;
        rel ??= relations;
    }
    if (rest === '')
        return { rel, others, rest };
    const end = NEXT_LINK.exec(rest);
    return end === null ? undefined : { rel, others, rest: rest.slice(end[0].length) };
}

;// CONCATENATED MODULE: ./src/registry/lists/page.ts

/** Characters. No registry needs a longer link, and a relative link could grow with each page. */
const page_LONGEST = 8 << 10;
/** Relations in IANA's registry that clearly do not point to the next page. */
const NOT_NEXT = new Set(`about alternate appendix author bookmark canonical chapter collection contents copyright current describedby
  describes dns-prefetch edit edit-media enclosure first glossary help hub icon index item last latest-version license
  manifest modulepreload nofollow noopener noreferrer payment pingback preconnect prefetch preload prev previous
  privacy-policy profile related search section self service service-desc service-doc service-meta start stylesheet tag
  terms-of-service top type up version-history via`.split(/\s+/));
/**
 * Reads the `next` target of a Link header (RFC 8288). If all relations are known not to be the next page, there is none.
 * A single link without a relation points to the next page.
 *
 * @param header the value; Node joins several headers by commas
 * @param from the URL of the page that carried the header
 * @returns the URL of the next page, undefined if there is none, or why it is not followed: the header is not understood
 *   and may point to a next page, or the link leads to another origin, which is not the registry
 */
function nextPage(header, from) {
    const target = nextTarget(header, from);
    if (target === undefined || 'is' in target)
        return target;
    const { written, url } = target;
    if (lacksPort(written, url, from))
        url.port = from.port;
    if (url.origin !== from.origin)
        return elsewhere(url, from);
    url.username = '';
    url.password = '';
    url.hash = '';
    return url;
}
/** Like `nextPage`, but the target may lead anywhere. The caller must not send a request to it. */
function nextTarget(header, from) {
    if (header === undefined || header.trim() === '')
        return undefined;
    const links = parseLinks(header);
    if (links === undefined)
        return { is: 'not-understood' };
    const next = nextOf(links, from);
    if (next === undefined || 'is' in next)
        return next;
    if (!URL.canParse(next.target, from.href))
        return { is: 'not-a-url' };
    const url = new URL(next.target, from);
    return url.href.length > page_LONGEST ? { is: 'too-long' } : { written: next.target, url };
}
/** @returns the link to the next page, undefined if there certainly is none, or why that is uncertain */
function nextOf(links, from) {
    const [next, ...more] = links.filter(({ rel }) => rel?.includes('next') === true);
    if (next !== undefined) {
        if (more.some(({ target }) => target !== next.target))
            return { is: 'several-links' };
        return next.others.includes('anchor') ? { is: 'of-something-else' } : next;
    }
    const [only] = links;
    if (links.length === 1 && only !== undefined && only.rel === undefined && only.others.length === 0)
        return only;
    const plain = links.every(({ rel }) => rel !== undefined && rel.length > 0 && rel.every((each) => NOT_NEXT.has(each)));
    if (!plain)
        return { is: 'unknown-relation' };
    const last = links.find(({ rel }) => rel?.includes('last') === true);
    const isElsewhere = last !== undefined &&
        (!URL.canParse(last.target, from.href) || new URL(last.target, from).href !== from.href);
    return isElsewhere ? { is: 'last-page-elsewhere' } : undefined;
}
/**
 * @returns whether the target differs from the page only by the missing port and the query. Cloudflare's
 *   serverless-registry leaves the port out of the links of its catalog. This is safe: the scheme, host and path are those
 *   of the registry, and the request goes to the registry's own origin
 */
function lacksPort(target, url, from) {
    return (from.port !== '' &&
        url.protocol === from.protocol &&
        url.hostname === from.hostname &&
        url.pathname === from.pathname &&
        /^https?:\/\/(?:\[[^\]]*\]|[^/?#:@]*)(?:[/?#]|$)/i.test(target));
}
/**
 * @returns how a target of another origin differs. The same host with another scheme or port is not another registry, but
 *   one that does not know its own address. It is not followed either: nothing shows what listens there
 */
function elsewhere(url, from) {
    const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
    if (!isWeb || url.hostname !== from.hostname)
        return { is: 'other-host' };
    if (url.protocol === from.protocol)
        return { is: 'other-port', host: from.host };
    return {
        is: 'other-scheme',
        link: url.protocol === 'http:' ? 'http' : 'https',
        hostname: from.hostname,
    };
}

;// CONCATENATED MODULE: ./src/registry/lists/continuation.ts

/** Properties of a list, and headers, that announce further entries. */
const MORE_PROPERTY = /^(?:next\w*|continu\w*|\w*cursor|has(?:more|next\w*|additional)|more|\w*truncated|incomplete)$/;
const MORE_HEADER = /(?:^|-)(?:next|continuation|has-?more|more)(?:-|$)/;
/** Properties and headers that hold the total number of names. */
const TOTAL_PROPERTY = /^(?:total|totalcount|totalitems|totalresults|totalelements|count|numfound)$/;
const TOTAL_HEADER = /^(?:x-)?(?:total|total-count|total-items|total-results|pagination-total(?:-count)?)$/;
/** Properties that say whether this page is the last. */
const LAST_PROPERTY = /^(?:is)?last(?:page)?$/;
/** Objects that hold such properties. */
const WRAPPER = /^_?(?:links|meta|metadata|paging|pagination|page|pageinfo)$/;
/**
 * Finds the next page of a list by the Link header. Without a link, the list is incomplete if it announces further
 * entries in another way: `next`, `has_more` or `truncated` in the body, or a header such as `X-Next-Page`.
 *
 * @param response the page
 * @param body its parsed body
 * @param from the page's URL
 * @param named number of names on this page and all earlier ones
 * @returns the URL of the next page, undefined after the last page, or why the next page cannot be found
 */
function continuationOf(response, body, from, named) {
    const next = nextPage(response.headers.get('link'), from);
    if (next !== undefined)
        return next;
    const sign = moreIn(body, named, true) ?? moreInHeaders(response, named);
    return sign === undefined ? undefined : { is: 'no-link', sign: sign.slice(0, 40) };
}
/** @returns the name of the header that announces further entries */
function moreInHeaders({ headers }, named) {
    for (const name of headers.keys())
        if (MORE_HEADER.test(name) && !isNothing(headers.get(name)?.trim()))
            return name;
    for (const name of headers.keys()) {
        const value = headers.get(name)?.trim() ?? '';
        const total = TOTAL_HEADER.test(name)
            ? value
            : name === 'content-range'
                ? /\/(\d+)$/.exec(value)?.[1]
                : undefined;
        const pages = name === 'x-total-pages' && Number(value) > 1;
        const paging = name === 'x-pagination' && moreIn(parsed(value), named, true) !== undefined;
        if (pages || paging || (total !== undefined && Number(total) > named))
            return name;
    }
    return undefined;
}
function parsed(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
/** @returns the property that announces further entries. Only known names: no other text of the registry is shown */
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
/** `{"rel": "next", …}`: some registries write links into the body. */
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

;// CONCATENATED MODULE: ./src/survey/lists/trail.ts

/** Follows a paged list from one page to the next, and never in a circle. */
class Trail {
    #seen;
    #at;
    /** @param first the URL of the first page */
    constructor(first) {
        this.#at = first;
        this.#seen = new Set([first.href]);
    }
    /** @returns the URL of the next page, undefined at the end, or why the list cannot be followed */
    next({ response, body, count, grew, named, end }) {
        let next = continuationOf(response, body, this.#at, named);
        if (next === undefined)
            return undefined;
        if ('is' in next)
            return { is: 'not-followed', why: next };
        if (leadsToBeginning(next)) {
            if (count === 0 && (this.#at.searchParams.get('last') ?? '') !== '')
                return undefined;
            const last = end?.();
            if (last !== undefined)
                next = continuedAfter(next, last);
        }
        if (this.#seen.has(next.href))
            return { is: 'circle' };
        if (!grew)
            return { is: 'no-progress' };
        this.#seen.add(next.href);
        this.#at = next;
        return next;
    }
}
/**
 * @returns whether a link continues after nothing: its `last` is empty. Cloudflare's serverless-registry has such a link on
 *   an empty page, which is the end of its list: it names nothing after the last name of the page before. Such a link on a
 *   page with names proves nothing, since a registry may have lost its place
 */
function leadsToBeginning(url) {
    return url.searchParams.get('last') === '';
}
function continuedAfter(url, name) {
    const next = new URL(url);
    next.searchParams.set('last', name);
    return next;
}

;// CONCATENATED MODULE: ./src/survey/lists/pages.ts



/**
 * Reads a list to its last page. Only the Link header leads to the next page: a page may be shorter than requested.
 *
 * @returns each name once, in the registry's order; or why the list could not be read
 */
async function readPages(list) {
    const named = new Set();
    const trail = new Trail(list.first);
    let page;
    for (let pages = 0; pages < list.mostPages; pages++) {
        const response = await list.request(page);
        const cache = cacheOf(response);
        if (cache !== undefined)
            return { is: 'cached', cache };
        const body = response.status === 200 && !response.cut ? parseJson(response.body) : undefined;
        const read = list.read({ response, body, isFirst: page === undefined });
        if (!isNames(read))
            return read;
        const before = named.size;
        for (const name of read.names)
            named.add(name);
        if (named.size > list.mostEntries)
            return flawed({ is: 'too-many-entries', most: list.mostEntries });
        const next = trail.next({
            response,
            body,
            count: read.names.length,
            grew: named.size > before,
            named: named.size,
            ...(list.continuesByName === true && { end: () => endOf(read.names, named) }),
        });
        if (next === undefined)
            return { is: 'names', names: [...named] };
        if (!(next instanceof URL))
            return flawed(next);
        page = next;
    }
    return flawed({ is: 'too-many-pages', most: list.mostPages });
}
/** @returns the last name of a page, if it is the greatest so far: only then nothing can be missing before it */
function endOf(names, all) {
    const last = names.at(-1);
    if (typeof last !== 'string')
        return undefined;
    for (const name of all)
        if (typeof name !== 'string' || name > last)
            return undefined;
    return last;
}
function isNames(read) {
    return read.is === 'names';
}
function flawed(flaw) {
    return { is: 'flawed', flaw };
}
/**
 * Sends a request. If the response comes out of a cache, sends it again with a query string that no cache has seen.
 *
 * @param send sends the request, with the query string that it is given
 * @param atOnce whether the first request has such a query string already
 * @returns `cached` if the last response comes out of a cache as well
 */
async function pastCaches(client, send, atOnce = false) {
    if (!atOnce) {
        const response = await send(undefined);
        if (response.is !== 'cached')
            return response;
    }
    return send(client.newCacheBuster());
}

;// CONCATENATED MODULE: ./src/survey/lists/catalog.ts




const PAGES = 10_000;
const catalog_REPOSITORIES = 1_000_000;
/**
 * Reads the catalog to its last page. Skips names that no repository can have: nothing could be requested from them.
 *
 * @returns the repositories, each once, in the registry's order
 * @throws CatalogError if there is no catalog, no permission, or only a cached catalog; WireError
 */
async function listRepositories(client) {
    const { origin } = client;
    const catalog = await pastCaches(client, (cacheBuster) => readPages({
        first: new URL('/v2/_catalog', origin),
        mostPages: PAGES,
        mostEntries: catalog_REPOSITORIES,
        request: (page) => client.catalogPage(page, cacheBuster === undefined ? {} : { cacheBuster }),
        read: (page) => namesOn(page, origin),
    }));
    if (catalog.is === 'cached')
        throw new CatalogError({ kind: 'catalog-stale', origin, cache: catalog.cache });
    if (catalog.is === 'flawed')
        throw new CatalogError({ kind: 'catalog-not-whole', origin, flaw: catalog.flaw });
    const repositories = catalog.names.flatMap((name) => typeof name === 'string' ? (parseRepository(name) ?? []) : []);
    return [...new Set(repositories)];
}
function namesOn({ response, body }, origin) {
    const names = body?.repositories;
    if (names === null)
        return { is: 'names', names: [] };
    if (!Array.isArray(names))
        throw new CatalogError({ kind: 'catalog-refused', origin, answered: describe(response) });
    return { is: 'names', names };
}

;// CONCATENATED MODULE: ./src/survey/lists/repositories.ts



const repositories_INPUT = 'repositories';
/**
 * Expands globs of repositories. It reads the catalog once for all globs. It does not check whether a named repository
 * exists: a later request for its tag list does.
 *
 * @throws Stopped
 */
async function resolveRepositories(entries, client) {
    const named = new Set(entries.flatMap((entry) => ('name' in entry ? [entry.name] : [])));
    const globs = entries.flatMap((entry) => ('glob' in entry ? [entry.glob] : []));
    const catalog = globs.length === 0 ? [] : await readCatalog(client);
    if (catalog instanceof Error) {
        const problem = { kind: 'globs-not-expanded', input: repositories_INPUT, cause: problemOf(catalog) };
        return { repositories: [], named, problems: [problem] };
    }
    const problems = globs
        .filter((glob) => !catalog.some((name) => glob.matches(name)))
        .map(({ text: glob }) => {
        const { origin } = client;
        return { kind: 'glob-without-match', input: repositories_INPUT, glob, origin, listed: catalog.length };
    });
    const matching = catalog.filter((name) => globs.some((glob) => glob.matches(name)));
    return { repositories: [...new Set([...named, ...matching])].sort(), named, problems };
}
async function readCatalog(client) {
    try {
        return await attempt(listRepositories(client));
    }
    catch (error) {
        if (error instanceof CatalogError)
            return error;
        throw error;
    }
}

;// CONCATENATED MODULE: ./src/flow/ask/rules.ts
/** The rules if the user named images: one refusal refuses all, and everything attached to an image is deleted with it. */
const NAMED = { together: true, tagsOnReferrers: 'delete', furtherTags: 'name-them' };
/**
 * The rules if patterns select the images: each repository is refused on its own, and an attached tag is deleted only if
 * its name shows that it is attached.
 */
const SELECTED = { together: false, tagsOnReferrers: 'keep', furtherTags: 'run-again' };
/** @returns the rules of a run */
function rulesOf(settings, manner) {
    const { origin, scope, unreadableTags, sharedBlobs, protectedTags, dryRun, approved } = settings;
    return {
        ...manner,
        registry: origin,
        scope,
        unreadableTags,
        sharedBlobs,
        protectedTags,
        dryRun,
        ...(approved !== undefined && { approved }),
    };
}

;// CONCATENATED MODULE: ./src/plan/cleanup/age.ts

/**
 * The first date that can be true. Reproducible builds write the beginning of an epoch instead. The latest of these is
 * the 1st of January 1980, which can be the 2nd in UTC.
 */
const age_FIRST = Date.UTC(1980, 0, 3);
/** Milliseconds that the clock of a builder may be ahead. */
const AHEAD = 3_600_000;
/** @returns whether the selection depends on dates, so that the survey must read them */
function needsDates({ olderThan, keepNewest }) {
    return olderThan > 0 || keepNewest > 0;
}
/** @returns the images whose dates matter. With `keepNewest`, these include protected images: they count among the newest */
function dated(images, { keepNewest }) {
    return new Set([...images].flatMap(({ digest, tags }) => (tags.length > 0 || keepNewest > 0 ? [digest] : [])));
}
/**
 * Finds the images that are kept because of their date. An image whose date is unknown is always kept, and does not
 * count among the newest.
 *
 * @param images that match
 * @param created the dates of the images that `dated` returned
 */
function stayForAge(images, created, ages) {
    const staying = new Map();
    if (!needsDates(ages))
        return staying;
    const { olderThan, keepNewest, asOf } = ages;
    const known = [];
    for (const digest of images.keys()) {
        const date = age_judge(created.get(digest), asOf);
        if (date.kind === 'date-usable')
            known.push({ digest, at: date.at });
        else
            staying.set(digest, date);
    }
    // If two images have the same date, their digests decide, so every run makes the same choice.
    known.sort((one, other) => other.at - one.at || byDigest(one, other));
    for (const [place, { digest, at }] of known.entries()) {
        const age = asOf - at;
        if (place < keepNewest)
            staying.set(digest, { kind: 'among-newest', place: place + 1, keepNewest });
        else if (olderThan > 0 && age <= olderThan)
            staying.set(digest, { kind: 'too-young', age, olderThan });
    }
    return staying;
}
function age_judge(created, asOf) {
    if (created === undefined)
        return { kind: 'date-unknown' };
    if (created.is === 'unknown')
        return { kind: 'date-unknown', why: created.why };
    const { at } = created;
    if (at < age_FIRST)
        return { kind: 'date-meaningless', at };
    return at > asOf + AHEAD ? { kind: 'date-in-future', at } : { kind: 'date-usable', at };
}

;// CONCATENATED MODULE: ./src/plan/cleanup/doubt.ts



/** Finds images of one repository whose content is unknown. */
class Doubts {
    #facts;
    /** Tags that are attached to an image by their name, by the key of the image. */
    #byKey = new Map();
    constructor(facts) {
        this.#facts = facts;
        for (const tag of facts.tags.keys()) {
            const key = subjectKey(tag);
            if (key !== undefined)
                appendTo(this.#byKey, key, tag);
        }
    }
    /**
     * Checks an image and everything attached to it, by reference or by a tag's name, since that would be deleted as
     * well.
     *
     * @returns why its content is unknown, or undefined
     */
    about(root) {
        const seen = new Set();
        const open = [root];
        for (let next = open.pop(); next !== undefined; next = open.pop()) {
            for (const digest of reach([next], this.#facts, true).manifests) {
                if (seen.has(digest))
                    continue;
                seen.add(digest);
                const doubt = this.#doubt(digest);
                if (doubt !== undefined)
                    return doubt;
                for (const tag of this.#byKey.get(keyOf(digest)) ?? []) {
                    const state = this.#facts.tags.get(tag);
                    if (state?.is === 'resolved')
                        open.push(state.digest);
                    else if (state !== undefined && state.is !== 'unknown')
                        return { kind: 'attached-tag-unreadable', tag, why: state.why };
                }
            }
        }
        return undefined;
    }
    #doubt(digest) {
        const { manifests, missing: all, referrersUnclear } = this.#facts;
        const manifest = manifests.get(digest);
        const missing = all.get(digest);
        if (manifest?.kind === 'schema1')
            return { kind: 'schema1', digest };
        if (manifest?.kind === 'unknown')
            return { kind: 'unknown-kind', digest };
        if ((manifest?.written ?? []).length > 0)
            return { kind: 'unknown-media-type', digest };
        if (missing !== undefined && missing.is !== 'missing')
            return { kind: 'manifest-unreadable', digest, why: missing.why };
        const unclear = referrersUnclear.get(digest);
        return unclear === undefined ? undefined : { kind: 'referrers-unclear', digest, why: unclear };
    }
}

;// CONCATENATED MODULE: ./src/plan/cleanup/needed.ts





/**
 * Finds the images that cannot be deleted: a remaining tag needs them, points to one of their manifests, or points to
 * the same image by another manifest (safety rules 2 and 3). They lose only their labels. Their content is kept as
 * well. It may be part of another image, so the search repeats until it finds no more images.
 */
function neededImages(images, { facts, staying, guarded }) {
    const needed = new Map();
    const pointers = new Map(staying);
    const pointing = Map.groupBy(staying.keys(), (tag) => staying.get(tag));
    let open = images;
    for (;;) {
        const roots = new Set(open.map(({ digest }) => digest));
        // The user named none of these images. So an image that refers to a remaining one, such as a signature, is kept with it.
        const whole = attach({ roots, pointers, graph: facts, named: new Set(), guarded });
        const kept = { pointing, byKey: heldByKey(facts, whole) };
        const found = new Map();
        for (const { digest } of open) {
            const reason = reasonFor(digest, facts, whole, kept);
            if (reason !== undefined)
                found.set(digest, reason);
        }
        if (found.size === 0)
            return needed;
        for (const { digest, tags } of open) {
            const reason = found.get(digest);
            if (reason === undefined)
                continue;
            needed.set(digest, reason);
            for (const tag of tags)
                pointers.set(tag, digest);
        }
        open = open.filter(({ digest }) => !found.has(digest));
    }
}
/** The manifests that are kept, by the key of their image. */
function heldByKey({ manifests }, { holders }) {
    const held = new Map();
    for (const [digest, manifest] of manifests) {
        if (!holders.held.has(digest))
            continue;
        for (const key of lookupKeysOf(manifest))
            appendTo(held, key, digest);
    }
    return held;
}
/** @returns why an image cannot be deleted, or undefined if it can */
function reasonFor(root, facts, whole, { pointing, byKey }) {
    const { manifests } = reach([root], facts, false);
    for (const digest of manifests) {
        const tags = [...(pointing.get(digest) ?? [])].sort(compare);
        if (tags.length === 0)
            continue;
        return digest === root ? { kind: 'same-manifest', tags } : { kind: 'same-child', tags, child: digest };
    }
    if (whole.holders.held.has(root))
        return { kind: 'needed' };
    for (const key of imageKeysOf(manifests, facts, whole.manifests)) {
        const other = byKey.get(key)?.find((digest) => !manifests.has(digest));
        if (other !== undefined)
            return { kind: 'same-config', digest: other };
    }
    return undefined;
}

;// CONCATENATED MODULE: ./src/plan/cleanup/size.ts

/**
 * @returns the bytes of an image with all its manifests, configs and layers, each counted once; undefined if the size of
 *   one of them is unknown
 */
function sizeOf(root, facts) {
    const counted = new Set();
    let bytes = 0;
    for (const digest of reach([root], facts, false).manifests) {
        const manifest = facts.manifests.get(digest);
        if (manifest === undefined || manifest.written.length > 0)
            return undefined;
        bytes += manifest.size;
        for (const blob of manifest.blobs) {
            if (counted.has(blob.digest))
                continue;
            if (blob.size === undefined)
                return undefined;
            bytes += blob.size;
            counted.add(blob.digest);
        }
    }
    return bytes;
}

;// CONCATENATED MODULE: ./src/plan/cleanup/choose.ts






/**
 * Chooses the tags to delete: those that match and whose image is old enough and not among the newest. It keeps an image
 * in case of doubt. If a remaining tag needs the image, only the label is deleted. A pure function: the same facts give
 * the same choice, whatever their order.
 *
 * @param matched the images that match by name
 * @param created the dates of these images, if the selection depends on dates
 */
function choose(facts, { images, unselected }, created, criteria) {
    const open = [...images.values()].filter(({ tags }) => tags.length > 0);
    const reasons = stayForAge(images, created, criteria);
    // With `scope: tag` the image is kept, so doubts about it do not matter.
    const whole = criteria.rules.scope === 'image';
    if (whole)
        addDoubts(reasons, open, facts);
    const selected = open.filter(({ digest }) => !reasons.has(digest));
    const needed = whole ? neededOf(selected, facts, criteria) : new Map();
    const tags = selected.flatMap(({ digest, tags }) => {
        const onlyLabel = needed.get(digest);
        return tags.map((tag) => (onlyLabel === undefined ? { tag } : { tag, onlyLabel }));
    });
    const staying = open.flatMap(({ digest, tags }) => {
        const because = reasons.get(digest);
        return because === undefined ? [] : tags.map((tag) => ({ tag, digest, because }));
    });
    return {
        repository: facts.repository,
        asOf: criteria.asOf,
        tags: tags.sort(byTag),
        unselected: [...unselected, ...staying].sort(byTag),
        counted: criteria.keepNewest > 0 ? matchingTags(open, unselected) : [],
        sizes: new Map([...images.keys()].flatMap((digest) => {
            const size = sizeOf(digest, facts);
            return size === undefined ? [] : [[digest, size]];
        })),
        created: new Map([...created].flatMap(([digest, date]) => (date.is === 'known' ? [[digest, date.at]] : []))),
    };
}
function addDoubts(reasons, images, facts) {
    const doubts = new Doubts(facts);
    for (const { digest } of images) {
        const doubt = reasons.has(digest) ? undefined : doubts.about(digest);
        if (doubt !== undefined)
            reasons.set(digest, { kind: 'content-unknown', image: digest, doubt });
    }
}
/** Every tag that matches and resolves, sorted. */
function matchingTags(images, unselected) {
    const others = unselected.flatMap(({ tag, digest }) => (digest === undefined ? [] : [tag]));
    return [...images.flatMap(({ tags }) => tags), ...others].sort(compare);
}
/**
 * Leaves out the tags that would lose only their label, for a registry that cannot remove a label alone.
 *
 * @param answered the response to the probe
 */
function withoutLabels(choice, facts, answered) {
    const staying = choice.tags.flatMap(({ tag, onlyLabel }) => {
        const state = facts.tags.get(tag);
        if (onlyLabel === undefined)
            return [];
        const because = { kind: 'label-not-removable', label: onlyLabel, answered };
        return [{ tag, ...(state?.is === 'resolved' && { digest: state.digest }), because }];
    });
    return {
        ...choice,
        tags: choice.tags.filter(({ onlyLabel }) => onlyLabel === undefined),
        unselected: [...choice.unselected, ...staying].sort(byTag),
    };
}
/** @returns the choice as a target, as if the user had named its tags */
function targetOf({ repository, tags }) {
    return { repository, tags, digests: [], blobs: [] };
}
function neededOf(selected, facts, { rules }) {
    if (selected.length === 0)
        return new Map();
    const going = selected.flatMap(({ tags }) => tags.map((tag) => ({ tag })));
    const others = remainingTags({ tags: going }, facts, rules);
    return neededImages(selected, { facts, staying: pointersOf(others), guarded: guardedOf(others) });
}

;// CONCATENATED MODULE: ./src/plan/cleanup/unread.ts
/**
 * Finds the matching tags that stay only because the registry, or its storage, did not respond or returned an error. A tag
 * that was read and has no usable date is not among them.
 *
 * @param selected how many tags are selected
 * @param ignores whether `unreadable-tags: ignore` counts tags that cannot be read as broken
 * @returns undefined if no request failed
 */
function unreadIn({ unselected }, selected, ignores) {
    const isUnread = ({ because }) => isFailure(because) && !(ignores && because.kind === 'unreadable');
    const tags = unselected.filter(isUnread);
    if (tags.length === 0)
        return undefined;
    return { tags, all: selected === 0 && !unselected.some(({ because }) => isJudged(because)) };
}
/** @returns whether the reason shows that the registry responded with what was needed */
function isJudged(reason) {
    switch (reason.kind) {
        case 'among-newest':
        case 'too-young':
        case 'date-meaningless':
        case 'date-in-future':
        case 'label-not-removable':
            return true;
        case 'content-unknown':
            return !isFailure(reason);
        case 'date-unknown':
            return reason.why?.is === 'malformed';
        case 'dangling':
        case 'unreadable':
        case 'protected':
            return false;
    }
}
function isFailure(reason) {
    switch (reason.kind) {
        case 'unreadable':
            return isFailedRead(reason.why);
        case 'date-unknown':
            return reason.why !== undefined && isFailedDate(reason.why);
        case 'content-unknown':
            return isFailedDoubt(reason.doubt);
        default:
            return false;
    }
}
function isFailedDoubt(doubt) {
    if (doubt.kind === 'referrers-unclear')
        return isFailedRead(doubt.why);
    return 'why' in doubt && isFailedRead(doubt.why);
}
function isFailedRead({ is }) {
    return is === 'unanswered' || is === 'refused' || is === 'foreign' || is === 'cut-off';
}
function isFailedDate(why) {
    if (why.is === 'unread-manifest')
        return why.why !== undefined && isFailedRead(why.why);
    return why.is === 'unanswered' || why.is === 'refused';
}

;// CONCATENATED MODULE: ./src/report/text.ts
const LONGEST_LINE = 4000;
/** Control and format characters (with bidi marks and the BOM), line and paragraph separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
/**
 * Makes one line of text harmless for a log in which the runner looks for commands: `::name::` at the start of a line,
 * after white space, and `##[name]` anywhere. Characters that cannot be seen become escapes.
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
/** As `plainLine`, for a text of our own that has line breaks. Text from the wire has none left when it gets here. */
function plain(text) {
    return text.split('\n').map(plainLine).join('\n');
}
/** @returns text for Markdown, as code: nothing in it renders, not even a link */
function code(text) {
    return `\`${plainLine(text).replaceAll('`', "'").replaceAll('|', '¦')}\``;
}
/**
 * @returns a sentence of ours for Markdown, with every character escaped that Markdown or HTML acts on, since it may
 * quote texts from elsewhere
 */
function prose(text) {
    return (plain(text)
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&')
        // GitHub makes links of names, addresses and numbers even if they are escaped, but not of a digest.
        .replace(/\\#(?=\d)/g, '\\#&#8203;')
        .replace(/@(?!sha(?:256|512):)/g, '&#64;&#8203;')
        .replaceAll('@', '&#64;')
        .replaceAll('://', ':&#8203;//')
        .replace(/www\./gi, (found) => `${found.slice(0, 3)}&#8203;.`)
        .replaceAll('\n', '<br>'));
}
/** @returns the form of a word that fits the number, such as `is` or `are` */
function plural(number, one, many) {
    return number === 1 ? one : many;
}
/** @returns `1 tag`, `2 tags`, and `2 repositories` with `many` */
function count(number, noun, many = `${noun}s`) {
    return `${number} ${plural(number, noun, many)}`;
}
/** @returns bytes in the unit that reads best, or `?` if the size is unknown */
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
/** @returns the first `most` entries, and how many more there are */
function some(list, most) {
    const rest = list.length - most;
    return rest <= 0 ? list.join(', ') : `${list.slice(0, most).join(', ')} and ${rest} more`;
}
/** @returns the same JSON, with an escape for every character that acts on a terminal or cannot be seen */
function escaped(json) {
    return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) => sign === '\n'
        ? sign
        : [...Array(sign.length).keys()]
            .map((at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`)
            .join(''));
}
const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;
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

;// CONCATENATED MODULE: ./src/survey/read/twins.ts

/**
 * Reads the twins of purged blobs, and of other blobs that may have the same bytes: the same size, or an unknown size. If
 * a registry keeps one copy under both names, the DELETE of one name also deletes the blob of a remaining tag.
 *
 * @returns a problem for each blob whose twin is unknown
 * @throws Stopped
 */
function readTwins(reader, purged) {
    const sizes = new Set();
    const long = [];
    for (const { blobs } of reader.manifests.values())
        for (const blob of blobs) {
            if (purged.has(blob.digest))
                sizes.add(blob.size);
            if (blob.digest.startsWith('sha512:'))
                long.push(blob);
        }
    const alike = long.filter(({ size }) => size === undefined || sizes.has(undefined) || sizes.has(size));
    return reader.twinsOf(new Set([...purged, ...alike.map(({ digest }) => digest)]));
}
/** @returns the blobs of everything that was named, and of everything attached to it by reference or by a tag's name */
function purgedBlobs(target, tags, { manifests, referrers, twins }) {
    const roots = new Set(twins_rootsOf(target));
    const named = new Set(target.tags.map(({ tag }) => tag));
    for (const [tag, state] of tags)
        if (state.is === 'resolved' && named.has(tag))
            roots.add(state.digest);
    const attached = attachedByName(tags);
    const blobs = new Set(target.blobs);
    // A Set hands out entries that are added while it is walked.
    for (const digest of roots) {
        const manifest = manifests.get(digest);
        for (const blob of manifest?.blobs ?? [])
            blobs.add(blob.digest);
        const more = [
            ...(manifest?.children ?? []).map((child) => child.digest),
            ...(referrers.get(digest) ?? []),
            ...(twins.get(digest) ?? []),
            ...(attached.get(keyOf(digest)) ?? []),
        ];
        for (const each of more)
            roots.add(each);
    }
    return blobs;
}
/** @returns the manifests of tags that are attached to an image by their name, by the key of that image */
function attachedByName(tags) {
    const attached = new Map();
    for (const [tag, state] of tags) {
        const key = subjectKey(tag);
        if (state.is !== 'resolved' || key === undefined)
            continue;
        const list = attached.get(key);
        if (list === undefined)
            attached.set(key, [state.digest]);
        else
            list.push(state.digest);
    }
    return attached;
}
/** @returns the manifests that were named by digest, alone or beside a tag */
function twins_rootsOf(target) {
    const pinned = target.tags.flatMap(({ digest }) => (digest === undefined ? [] : [digest]));
    return [...new Set([...target.digests, ...pinned])];
}

;// CONCATENATED MODULE: ./src/survey/check.ts



/** One check of a repository: lists its tags again, reads the new ones, and re-reads as many others as `extent` says. */
class Check {
    #tools;
    #before;
    #extent;
    #deletions;
    /** @param before the facts before this check */
    constructor(tools, before, extent, deletions) {
        this.#tools = tools;
        this.#before = before;
        this.#extent = extent;
        this.#deletions = deletions;
    }
    /**
     * @param byName tags to read whether or not they are listed
     * @throws ListError, WireError
     */
    async run(byName) {
        const { listing, reader } = this.#tools;
        const before = this.#before.tags;
        let listed = await this.#list(false);
        const tags = await reader.tags(this.#wanted(listed, byName));
        if (this.#tools.staleness.isDoubtful(listed, tags, this.#deletions))
            listed = await this.#listPastCaches(tags);
        listed = listing.removeLeftovers(listed, tags, before);
        if (this.#lost(listed, tags).length > 0) {
            listed = listing.removeLeftovers(await this.#listPastCaches(tags), tags, before);
            this.#throwIfIncomplete(this.#lost(listed, tags));
        }
        await this.#readReferrers(tags);
        if (!this.#readsAll)
            for (const [tag, state] of before)
                if (!tags.has(tag))
                    tags.set(tag, state);
        return reader.facts(listed, tags);
    }
    get #readsAll() {
        return this.#extent === 'all' || this.#extent === 'end';
    }
    #isWanted(tag) {
        if (this.#readsAll || !this.#before.tags.has(tag))
            return true;
        return this.#extent === 'new' && this.#deletions.removed.has(tag);
    }
    #wanted(listed, byName) {
        const going = this.#deletions.tags;
        const wanted = new Set(listed.filter((tag) => this.#isWanted(tag)));
        if (this.#extent !== 'new')
            for (const [tag, { is }] of this.#before.tags)
                if (this.#extent === 'going' ? going.has(tag) || is !== 'resolved' : !going.has(tag))
                    wanted.add(tag);
        for (const tag of byName)
            wanted.add(tag);
        return wanted;
    }
    /**
     * Lists the tags past caches, since the previous list may be stale, and reads the tags that only this list names.
     *
     * @param tags receives the tags that are read
     * @throws StaleList, ListError, WireError
     */
    async #listPastCaches(tags) {
        const { reader, staleness } = this.#tools;
        const listed = await this.#list(true);
        const isOpen = (tag) => (this.#isWanted(tag) && !tags.has(tag)) || this.#deletions.untagged.has(tag);
        const read = await reader.tags(new Set(listed.filter(isOpen)));
        for (const [tag, state] of read)
            tags.set(tag, state);
        staleness.judge(listed, tags, this.#deletions);
        return listed;
    }
    /**
     * Lists the tags, and searches for hidden ones unless only new tags matter. Some registries no longer know a repository
     * without tags. So an unknown repository counts as an empty list, unless a tag that the plan keeps must be listed.
     */
    async #list(pastCaches) {
        const { listing } = this.#tools;
        const going = this.#deletions.tags;
        // If the plan deletes no tag, no name in a list can show that the list is stale.
        const pastAllCaches = pastCaches || going.size === 0;
        try {
            return this.#extent === 'new'
                ? await listing.quick(going, pastAllCaches)
                : await listing.whole(pastAllCaches);
        }
        catch (error) {
            if (!(error instanceof UnknownRepository))
                throw error;
            if ([...this.#before.tags].some(([tag, { is }]) => !going.has(tag) && is === 'resolved'))
                throw error;
            return [];
        }
    }
    /** The tags that were listed before and still resolve, but are no longer listed: such a list may lack others, too. */
    #lost(listed, tags) {
        const now = new Set(listed);
        return this.#before.listed.filter((tag) => !now.has(tag) && !this.#deletions.tags.has(tag) && tags.get(tag)?.is === 'resolved');
    }
    /** @throws ListError if tags are lost */
    #throwIfIncomplete(lost) {
        const [tag] = lost;
        if (tag === undefined)
            return;
        const { repository } = this.#before;
        const flaw = { is: 'lacks-tags', tag, count: lost.length };
        throw new ListError({ kind: 'tag-list-not-whole', repository, flaw });
    }
    async #readReferrers(tags) {
        const { reader } = this.#tools;
        const { manifests } = this.#deletions;
        const subjects = new Set(this.#readsAll ? this.#remaining(tags) : []);
        if (this.#extent === 'going' || this.#extent === 'end')
            for (const digest of manifests)
                subjects.add(digest);
        await reader.refer(subjects);
        const blobs = [...manifests].flatMap((digest) => reader.manifests.get(digest)?.blobs ?? []);
        if (blobs.length > 0)
            await readTwins(reader, new Set(blobs.map(({ digest }) => digest)));
    }
    /** @returns every manifest that remaining tags reach */
    #remaining(tags) {
        const roots = [...tags].flatMap(([tag, state]) => state.is === 'resolved' && !this.#deletions.tags.has(tag) ? [state.digest] : []);
        return reach(roots, this.#tools.reader, true).manifests;
    }
}

;// CONCATENATED MODULE: ./src/survey/lists/entries.ts





/** Entries that are not tags: how many a message shows, and how many characters of each. */
const entries_SHOWN_ENTRIES = 5;
const SHOWN_CHARACTERS = 100;
/** @returns the entries that a page lists as tags, or undefined if it is not a tag list of this repository */
function tagsOnPage(repository, body) {
    return tagsIn(repository, parseJson(body));
}
/**
 * Without the key `tags`, only an object with nothing but the name of the repository is a list: an empty one, as Go's
 * `omitempty` writes it. `{}`, or an object that says anything else, may come from something in front of the registry.
 * To take it for an empty list would hide every tag that must stay.
 */
function tagsIn(repository, body) {
    if (typeof body !== 'object' || body === null)
        return undefined;
    const { tags, name } = body;
    // Distribution sends null for a repository whose last tag was deleted.
    if (tags === null)
        return [];
    if (tags === undefined)
        return name === repository && Object.keys(body).length === 1 ? [] : undefined;
    return Array.isArray(tags) ? tags : undefined;
}
/**
 * @param response the response with the page, for what may be quoted of it
 * @param body the parsed page
 * @returns the tags on it
 * @throws ListError if it is not a tag list, or has entries that are not tags
 */
function tagsOf(repository, response, body) {
    const others = new OtherNames(repository);
    const tags = others.tagsOf(response, body);
    others.throwIfAny();
    return tags;
}
/**
 * The entries of a tag list that are not tags. Artifactory lists each child manifest of an index, as `sha256:<hex>`. The
 * registry may keep content under such a name, and nothing tells what it needs.
 */
class OtherNames {
    repository;
    #count = 0;
    #digests = 0;
    #entries = [];
    constructor(repository) {
        this.repository = repository;
    }
    /** @returns the tags on a page, whose other entries are added @throws ListError if it is not a tag list */
    tagsOf(response, body) {
        const { repository } = this;
        const entries = tagsIn(repository, body);
        if (entries === undefined)
            throw new ListError({ kind: 'tag-list-invalid', repository });
        return entries.flatMap((entry) => parseTag(entry) ?? this.#add(response, entry));
    }
    throwIfAny() {
        if (this.#count === 0)
            return;
        throw new ListError({
            kind: 'tag-list-has-other-names',
            repository: this.repository,
            entries: this.#entries,
            count: this.#count,
            digests: this.#digests === this.#count,
        });
    }
    #add(response, entry) {
        this.#count++;
        if (parseDigest(entry) !== undefined)
            this.#digests++;
        if (this.#entries.length === entries_SHOWN_ENTRIES)
            return [];
        const text = JSON.stringify(typeof entry === 'string' ? quote(response, entry) : entry);
        this.#entries.push(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);
        return [];
    }
}

;// CONCATENATED MODULE: ./src/survey/lists/key-order.ts
/** A name that continues with one of these sorts behind the folder `<tag>/`; `-` and `.` sort before it. */
const HIDDEN_NEXT = /^[0-9A-Za-z_]/;
/** @returns whether a list that names `tag` would hide `other` on distribution 3.1.1 on S3 */
function hides(tag, other) {
    return other.startsWith(tag) && HIDDEN_NEXT.test(other.slice(tag.length));
}
/**
 * Finds out by its order how a list was made. Distribution 3.1.0 and 3.1.1 on S3 walk over the keys `<tag>/…`, and skip
 * every key that begins with the name of the current tag, not only the keys in its folder (distribution#4891).
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

;// CONCATENATED MODULE: ./src/survey/lists/hidden.ts








/** The most listed tags to search behind if it is unknown whether the registry hides any. */
const MOST_UNSURE = 100;
/** The most hidden tags of one repository. */
const hidden_MOST = 100_000;
/** The `last` that starts right behind a tag's folder: `~` sorts behind every name in it. */
const behind = (tag) => `${tag}/~`;
/**
 * A `last` inside the tag's folder, before anything in it. The response to it shows how the registry walks. Distribution
 * cleans this path, but compares names with the path before that. So its walk over folders continues behind the tag, and
 * its walk over S3 keys names the tag itself.
 */
const inside = (tag) => `/${tag}/0/~`;
/**
 * Finds the tags of one repository that its tag list hides. Distribution 3.1.0 and 3.1.1 on S3 leave out every name that
 * continues a listed one with a digit, a letter or `_` (`v1` hides `v10`). The search takes one request for each listed
 * tag, so it runs only if the list can hide any.
 */
class HiddenTags {
    #tools;
    #repository;
    /** How this registry lists tags; undefined until that is found out. */
    #lists;
    #found = [];
    #skipped = 0;
    constructor(tools, repository) {
        this.#tools = tools;
        this.#repository = repository;
    }
    /** The tags that the newest list hides, in no order. */
    get found() {
        return this.#found;
    }
    /** How many tags of the newest list may hide other tags that were not searched for. */
    get skipped() {
        return this.#skipped;
    }
    /** Notes that a tag resolves but is not listed. @returns whether a listed tag may hide it */
    suspect(tag, listed) {
        if (!listed.some((each) => hides(each, tag)))
            return false;
        this.#lists = 'by keys';
        return true;
    }
    /**
     * Searches for tags that a list hides.
     *
     * @param listed the whole list, in the registry's order
     * @param pastAllCaches whether each request has a query string that no cache has seen
     * @returns names that the list does not have; some may not resolve
     * @throws ListError, WireError
     */
    async search(listed, pastAllCaches = false) {
        this.#found = [];
        this.#skipped = 0;
        const starts = await this.#startsIn(listed, pastAllCaches);
        if (starts.length === 0)
            return [];
        const known = new Set(listed);
        const found = new Set();
        const walk = (start) => this.#walk(start, known, found, pastAllCaches);
        const [first, ...others] = starts;
        // The first response may show that the registry hides no tags.
        if (first !== undefined)
            await walk(first);
        await each(others, this.#tools.width, walk);
        this.#found = [...found];
        if (this.#lists === 'whole')
            this.#skipped = 0;
        if (this.#lists === 'unknown')
            this.#skipped = listed.length;
        // If the first tags hide others, the rest may hide tags as well.
        return this.#skipped > 0 && this.#lists === 'by keys' ? this.search(listed, pastAllCaches) : this.#found;
    }
    /** Adds the tags that are hidden behind a tag, and those behind each tag that is found. */
    async #walk(start, known, found, pastAllCaches) {
        for (let at = start; this.#lists !== 'whole' && this.#lists !== 'unknown';) {
            const next = await this.#request(behind(at), pastAllCaches);
            if (next.is === 'refused')
                this.#takeRefusal(next.answered, found.size > 0);
            if (next.is === 'everything')
                this.#lists = 'whole';
            if (next.is !== 'tag' || known.has(next.tag) || found.has(next.tag))
                return;
            if (found.size === hidden_MOST)
                throw new ListError({ kind: 'too-many-hidden-tags', repository: this.#repository, most: hidden_MOST });
            found.add(next.tag);
            if (hides(at, next.tag))
                this.#lists = 'by keys';
            at = next.tag;
        }
    }
    /** @returns the listed tags behind which tags may be hidden */
    async #startsIn(listed, pastAllCaches) {
        if (this.#lists === 'by keys' || listed.length === 0)
            return listed;
        const shape = shapeOf(listed);
        if (shape === 'keys')
            this.#lists = 'by keys';
        if (shape === 'whole')
            this.#lists = 'whole';
        this.#lists ??= await this.#howItLists(listed, pastAllCaches);
        if (this.#lists === 'whole')
            return [];
        if (this.#lists === 'unknown') {
            this.#skipped = listed.length;
            return [];
        }
        if (this.#lists !== undefined || this.#tools.client.redirectsBlobs)
            return listed;
        this.#skipped = Math.max(0, listed.length - MOST_UNSURE);
        return listed.slice(0, MOST_UNSURE);
    }
    /**
     * Finds out by one request how the registry lists tags. The response depends on the kind of walk: the tag itself (over
     * S3 keys), the next tag (over folders, 3.1.1), the second tag of the list (3.0.0), or every tag (2.x).
     *
     * @returns undefined if the response is none of these
     */
    async #howItLists(listed, pastAllCaches) {
        const at = listed.length > 3 ? 2 : 0;
        const [tag, next] = listed.slice(at);
        if (tag === undefined || next === undefined)
            return undefined;
        const named = await this.#request(inside(tag), pastAllCaches);
        if (named.is === 'everything')
            return 'whole';
        if (named.is !== 'tag')
            return undefined;
        if (named.tag === next || named.tag === listed[1])
            return 'whole';
        return at > 0 && named.tag === tag ? 'by keys' : undefined;
    }
    /**
     * Handles a refused request. A registry that hides tags accepts every place, but something in front of it may refuse
     * one. Then it is unknown whether tags are hidden, and a remark warns the user.
     *
     * @throws ListError if this registry is known to hide tags, or stores its blobs where it may
     */
    #takeRefusal(answered, foundAny) {
        if (foundAny || this.#lists === 'by keys' || this.#tools.client.redirectsBlobs)
            throw new ListError({ kind: 'hidden-tags-refused', repository: this.#repository, answered });
        this.#lists = 'unknown';
    }
    async #request(last, pastAllCaches) {
        const send = (cacheBuster) => this.#send(last, cacheBuster);
        const named = await pastCaches(this.#tools.client, send, pastAllCaches);
        if (named.is === 'cached')
            throw new StaleList({ kind: 'tag-list-stale', repository: this.#repository, sign: named });
        return named;
    }
    async #send(last, cacheBuster) {
        const repository = this.#repository;
        const reading = { purpose: 'list-tags', ...(cacheBuster !== undefined && { cacheBuster }) };
        const response = await this.#tools.client.tagBehind(repository, last, reading);
        const cache = cacheOf(response);
        if (cache !== undefined)
            return { is: 'cached', cache };
        if (response.status === 429)
            throw new ListError({ kind: 'tag-list-refused', repository, answered: describe(response) });
        if (response.status !== 200 || response.cut || tagsOnPage(repository, response.body) === undefined)
            return { is: 'refused', answered: describe(response) };
        const [tag, ...more] = tagsOf(repository, response, parseJson(response.body));
        if (more.length > 0)
            return { is: 'everything' };
        return tag === undefined ? { is: 'end' } : { is: 'tag', tag };
    }
}

;// CONCATENATED MODULE: ./src/registry/answers/deletes.ts
const PROBES = ['probe-tag', 'probe-manifest', 'probe-blob'];
const CONTENT_PROBES = ['probe-manifest', 'probe-blob'];
const REAL = ['delete-tag', 'delete-manifest', 'delete-blob'];
const REAL_CONTENT = ['delete-manifest', 'delete-blob'];
const deletes_TAGS = ['probe-tag', 'delete-tag'];
const CONTENT = [...CONTENT_PROBES, ...REAL_CONTENT];
const ANY = [...PROBES, ...REAL];
/** The codes that say only that somebody may not do something. */
const PLAIN_DENIALS = [
    'DENIED',
    'UNAUTHORIZED',
    'FORBIDDEN',
    'ACCESS_DENIED',
    'PERMISSION_DENIED',
    'INSUFFICIENT_SCOPE',
];
/** What the responses to a DELETE mean (distribution-spec end-9, end-10). The first row that fits counts. */
const DELETES = [
    {
        asked: ANY,
        status: 401,
        means: 'unauthenticated',
        source: 'the specification: UNAUTHORIZED; with or without a body (seen)',
    },
    { asked: ANY, status: 429, means: 'throttled', source: 'the specification: TOOMANYREQUESTS' },
    {
        asked: ANY,
        status: '2xx',
        form: ['html'],
        means: 'foreign',
        source: 'firewalls that return their page with 200 (reports)',
    },
    {
        asked: ANY,
        status: 202,
        means: 'asynchronous',
        source: 'the specification; Pulp 2.30 (seen) deletes later',
    },
    { asked: ANY, status: '2xx', means: 'done', source: 'RFC 9110, 15.3: some registries return 200 or 204' },
    {
        asked: ANY,
        status: 404,
        form: ['errors'],
        code: ['*_UNKNOWN'],
        means: 'unknown',
        source: 'distribution 3.1.1, 3.0.0, 2.8.2, olareg, zot 2.1.20 (seen)',
    },
    {
        asked: PROBES,
        status: 404,
        form: ['errors'],
        code: ['NOT_FOUND'],
        means: 'unknown',
        source: 'Harbor (source)',
    },
    {
        asked: REAL,
        status: 404,
        form: ['errors'],
        code: ['NOT_FOUND'],
        means: 'perhaps-unknown',
        source: 'Harbor (source), or a gateway: a GET decides',
    },
    {
        asked: deletes_TAGS,
        status: 404,
        form: ['text', 'empty', 'json', 'no-keys', 'index', 'html'],
        means: 'unsupported',
        source: 'the route is missing: ECR, formerly (issue roadmap#1229)',
    },
    {
        asked: CONTENT,
        status: 404,
        form: ['text', 'empty', 'json', 'no-keys', 'index'],
        means: 'unsupported',
        source: 'the route is missing: ECR, formerly (issue roadmap#1229)',
    },
    {
        asked: ANY,
        status: 404,
        form: ['errors'],
        means: 'unclear',
        source: 'a code of the product: gone, or no such route. A GET, or the DELETE of a random tag, decides',
    },
    {
        asked: deletes_TAGS,
        status: 400,
        form: ['errors'],
        code: ['DIGEST_INVALID'],
        means: 'unsupported',
        source: 'distribution 2.8.2 (seen)',
    },
    {
        asked: ['probe-tag'],
        status: 400,
        form: ['errors'],
        code: ['UNSUPPORTED'],
        means: 'unsupported',
        source: 'Harbor (source)',
    },
    {
        asked: ['probe-tag'],
        status: 405,
        form: ['errors'],
        code: ['DIGEST_INVALID', 'UNSUPPORTED'],
        means: 'unsupported',
        source: 'ghcr.io (issue skopeo#1880); the specification',
    },
    {
        asked: ANY,
        status: '4xx',
        form: ['html'],
        means: 'foreign',
        source: 'nginx, firewalls and login pages; no registry sends HTML under /v2/',
    },
    {
        asked: CONTENT_PROBES,
        status: '4xx',
        form: ['errors'],
        code: ['UNSUPPORTED'],
        means: 'off',
        source: 'distribution (seen): 405, deletion off or pull-through; Quay (source): blobs',
    },
    {
        asked: PROBES,
        status: 405,
        form: ['text', 'empty'],
        allowsDelete: false,
        means: 'read-only',
        source: 'distribution in maintenance mode (seen)',
    },
    {
        asked: PROBES,
        status: 405,
        form: ['text', 'empty'],
        means: 'off',
        source: 'olareg without the delete flags (seen)',
    },
    {
        asked: PROBES,
        status: 405,
        form: ['errors'],
        otherCode: ['DENIED'],
        means: 'off',
        source: 'the specification: 405 if deletion is disabled',
    },
    {
        asked: REAL,
        status: 405,
        form: ['errors'],
        code: ['DENIED'],
        means: 'referenced',
        source: 'zot 2.1.20 (seen): a manifest still uses it',
    },
    {
        asked: REAL,
        status: 403,
        form: ['errors'],
        otherCode: PLAIN_DENIALS,
        means: 'locked',
        source: 'Quay TAG_IMMUTABLE (source); a code of its own, not a missing right',
    },
    { asked: ANY, status: 403, means: 'forbidden', source: 'zot (seen), the specification: DENIED' },
    {
        asked: REAL,
        status: 409,
        form: ['errors'],
        code: ['MANIFEST_REFERENCED'],
        means: 'referenced',
        source: 'GitLab (source): a list has it',
    },
    {
        asked: REAL,
        status: 400,
        form: ['errors'],
        code: ['GOOGLE_MANIFEST_DANGLING_TAG'],
        means: 'referenced',
        source: 'Artifact Registry (issue reg#136): a tag has it',
    },
    { asked: ANY, status: 408, means: 'failed', source: 'RFC 9110, 15.5.9: it may be sent again' },
    { asked: ANY, status: 425, means: 'failed', source: 'RFC 8470, 5.2: it may be sent again' },
    { asked: ANY, status: 410, means: 'unclear', source: 'RFC 9110, 15.5.11: gone. A GET decides' },
    {
        asked: REAL,
        status: '4xx',
        means: 'locked',
        source: 'Harbor 412 (source), Quay 409 TAG_IMMUTABLE (source): the probe of a random name was answered, so it is about this one',
    },
    { asked: CONTENT_PROBES, status: 501, means: 'unsupported', source: 'RFC 9110, 15.6.2' },
    {
        asked: REAL_CONTENT,
        status: 501,
        means: 'locked',
        source: 'the probe of a random name was answered, so it is about this one',
    },
    {
        asked: ANY,
        status: '5xx',
        means: 'failed',
        source: 'distribution (seen): a stale replica or a corrupt tag, and it may have worked',
    },
    {
        asked: ANY,
        status: '3xx',
        means: 'redirected',
        source: 'a registry or proxy that redirects http to https',
    },
];

;// CONCATENATED MODULE: ./src/registry/answers/form.ts

/** @returns the form of a response's body */
function formOf({ headers, body }) {
    if (body.length === 0)
        return 'empty';
    if (errorEntries(body).length > 0)
        return 'errors';
    const text = Buffer.from(body).toString('utf8');
    const value = parse(text);
    if (typeof value === 'object' && value !== null) {
        if (Object.keys(value).length === 0)
            return Array.isArray(value) ? 'json' : 'no-keys';
        const { manifests } = value;
        return manifests === null || Array.isArray(manifests) ? 'index' : 'json';
    }
    if (value !== undefined)
        return 'json';
    const html = (headers.get('content-type') ?? '').toLowerCase().includes('html');
    if (html || /^\s*<(?:!doctype\s+html|html|head|body)\b/i.test(text))
        return 'html';
    return text.trim() === '' ? 'empty' : 'text';
}
/** @returns undefined if the text is not JSON */
function parse(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./src/registry/answers/reads.ts
const reads_ANY = ['manifest', 'tag-list', 'referrers', 'blob'];
const NOT_REFERRERS = ['manifest', 'tag-list', 'blob'];
/** What the responses to reads mean, as far as a decision rests on it. The first row that fits counts. */
const READS = [
    {
        asked: reads_ANY,
        status: 401,
        means: 'unauthenticated',
        source: 'the specification: UNAUTHORIZED; with or without a body (seen)',
    },
    { asked: reads_ANY, status: 429, means: 'throttled', source: 'the specification: TOOMANYREQUESTS' },
    {
        asked: ['manifest'],
        status: 404,
        form: ['errors'],
        code: ['MANIFEST_UNKNOWN'],
        means: 'unknown',
        source: 'the specification; distribution, olareg, zot (seen)',
    },
    {
        asked: ['manifest'],
        status: 404,
        form: ['errors'],
        code: ['NOT_FOUND'],
        means: 'perhaps-unknown',
        source: 'Harbor (source)',
    },
    {
        asked: ['tag-list'],
        status: 404,
        form: ['errors'],
        code: ['*_UNKNOWN'],
        means: 'unknown',
        source: 'distribution NAME_UNKNOWN (seen)',
    },
    {
        asked: ['tag-list'],
        status: 404,
        form: ['errors'],
        code: ['NOT_FOUND'],
        means: 'perhaps-unknown',
        source: 'Harbor (source)',
    },
    { asked: ['referrers'], status: 200, form: ['index'], means: 'done', source: 'the specification, end-12' },
    {
        asked: ['referrers'],
        status: 200,
        form: ['no-keys'],
        means: 'unknown',
        source: 'Harbor (source): an unknown digest',
    },
    {
        asked: ['referrers'],
        status: 200,
        means: 'unsupported',
        source: 'go-containerregistry falls back to the tag (source); web pages for every path',
    },
    {
        asked: ['referrers'],
        status: 400,
        means: 'unsupported',
        source: 'go-containerregistry falls back to the tag (source)',
    },
    {
        asked: ['referrers'],
        status: 403,
        form: ['html'],
        means: 'unsupported',
        source: 'firewalls that do not know the route (reports)',
    },
    { asked: ['referrers'], status: 404, means: 'unsupported', source: 'distribution (seen)' },
    {
        asked: ['referrers'],
        status: 405,
        means: 'unsupported',
        source: 'registries without the route; the specification knows no such answer',
    },
    {
        asked: ['referrers'],
        status: 406,
        means: 'unsupported',
        source: 'Artifactory (issue go-containerregistry#1962)',
    },
    { asked: ['referrers'], status: 501, means: 'unsupported', source: 'RFC 9110, 15.6.2' },
    {
        asked: NOT_REFERRERS,
        status: '2xx',
        form: ['html'],
        means: 'foreign',
        source: 'login pages in front of a registry; no registry sends HTML under /v2/',
    },
    {
        asked: NOT_REFERRERS,
        status: '4xx',
        form: ['html'],
        means: 'foreign',
        source: 'nginx, firewalls and login pages; no registry sends HTML under /v2/',
    },
    {
        asked: NOT_REFERRERS,
        status: '5xx',
        form: ['html'],
        means: 'foreign',
        source: 'nginx, if the registry behind it does not respond',
    },
    { asked: reads_ANY, status: 403, means: 'forbidden', source: 'the specification: DENIED' },
    { asked: reads_ANY, status: '5xx', means: 'failed', source: 'RFC 9110, 15.6' },
];

;// CONCATENATED MODULE: ./src/registry/answers/classify.ts




/** The whole table. docs/responses.md is generated from it. */
const TABLE = [...READS, ...DELETES];
/**
 * Judges a response by status, form and error code. It is the only place that does: neither the name nor the version of a
 * registry matters. A response that the storage sent after a redirect is not judged here.
 *
 * @returns `unclear` if no row of the table fits
 */
function meaningOf(asked, response) {
    return rowOf(asked, response)?.means ?? 'unclear';
}
/** @returns the row of the table that a response fits, or undefined if there is none */
function rowOf(asked, response) {
    const codes = errorEntries(response.body).map(({ code }) => code);
    const form = formOf(response);
    return TABLE.find((row) => row.asked.includes(asked) && classify_fits(row, response, form, codes));
}
function classify_fits(row, { status, headers }, form, codes) {
    if (typeof row.status === 'number' ? row.status !== status : `${Math.floor(status / 100)}xx` !== row.status)
        return false;
    if (row.form !== undefined && !row.form.includes(form))
        return false;
    if (row.code !== undefined && !codes.some((code) => isAmong(code, row.code ?? [])))
        return false;
    if (row.otherCode !== undefined && codes.some((code) => isAmong(code, row.otherCode ?? [])))
        return false;
    return row.allowsDelete === undefined || forbidsDelete(headers.get('allow'));
}
function isAmong(code, list) {
    return list.some((each) => (each.startsWith('*') ? code.endsWith(each.slice(1)) : code === each));
}
function forbidsDelete(allow) {
    return allow !== undefined && !allow.toUpperCase().includes('DELETE');
}

;// CONCATENATED MODULE: ./src/registry/auth/challenge.ts
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\[^])*)"/y;
const BLANKS = /[ \t]*/y;
const SEPARATORS = /[ \t,]*/y;
/**
 * Parses a WWW-Authenticate header, which may hold several challenges:
 *
 * ```
 * WWW-Authenticate = #challenge
 * challenge        = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
 * auth-param       = token BWS "=" BWS ( token / quoted-string )
 * ```
 *
 * (RFC 9110, 11.2, 11.3, 11.6.1.) Commas separate challenges as well as parameters. After a comma, a name with `=` and a
 * value is a parameter; anything else is the next challenge.
 *
 * @returns the challenges before the first syntax error
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
        // Skip a token68. No scheme that is supported here uses one.
        if (text.take(TOKEN68) !== undefined && !isParameter(header, start))
            continue;
        text.position = start;
        if (!readParameters(text, parameters))
            return challenges;
    }
}
/** `a=` at the end of a list is a token68, not a parameter. */
function isParameter(header, start) {
    const text = new Scanner(header, start);
    return text.take(TOKEN) !== undefined && text.take(EQUALS) !== undefined && text.value() !== undefined;
}
/** @returns whether the rest can be parsed */
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
            // The next challenge starts here.
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
/** Reads a text token by token. */
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
    /** Consumes what the pattern matches here. */
    take(pattern) {
        return this.#match(pattern)?.[0];
    }
    /** Consumes a token or a quoted-string. @returns its text without quotes and backslashes */
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

;// CONCATENATED MODULE: ./src/registry/auth/scope.ts
/** @returns the resources of a scope such as `repository:app:pull,delete registry:catalog:*`, without malformed ones */
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
 * Sorts a scope, to compare it with others: distribution 3.0.0 sometimes writes `pull,push` and sometimes `push,pull`.
 * Requests need the original, since some services accept a scope only in the order of the challenge.
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
/** @returns a scope for messages: `delete` on acme/app */
function scopeText(scope) {
    const all = parseScope(scope).map(({ type, name, actions }) => {
        const what = type === 'repository' ? name : `the ${type} ${name}`;
        return `${actions.map((action) => `\`${action}\``).join(' and ')} on ${what}`;
    });
    return all.length === 0 ? 'what was requested' : all.join(' and ');
}

;// CONCATENATED MODULE: ./src/registry/auth/rights.ts


/** The actions that registries ask for. A challenge is text of the registry, so nothing else of it is shown. */
const ACTIONS = ['pull', 'push', 'delete', '*'];
/** By the challenges that the products send, not by names that users choose, such as that of a host. */
const ROWS = [
    // Run for real (1.26): service="container_registry",scope="*". A token without the scope gets the Basic challenge
    // (routers/api/packages/api.go).
    {
        product: 'gitea',
        test: ({ scheme, realm, service, scope }) => scheme === 'basic'
            ? /^(?:Gitea|Forgejo) Package API$/.test(realm)
            : service === 'container_registry' && scope === '*',
    },
    // Run for real (3.86): the registry has the token service of GitLab's JWT endpoint.
    {
        product: 'gitlab',
        test: ({ service, path }) => service === 'container_registry' && path.endsWith('/jwt/auth'),
    },
    // src/server/middleware/v2auth/auth.go and src/core/service/token: the Bearer challenge to a request without credentials,
    // and the Basic challenge to any other.
    {
        product: 'harbor',
        test: ({ scheme, realm, service }) => service === 'harbor-registry' || (scheme === 'basic' && realm === 'harbor'),
    },
    // auth/registry_jwt_auth.py: the path of its token endpoint.
    { product: 'quay', test: ({ scheme, path }) => scheme === 'bearer' && path.endsWith('/v2/auth') },
    // Documentation of the registry API of Docker Hub.
    { product: 'docker-hub', test: ({ service }) => service === 'registry.docker.io' },
    // GitHub's documentation of the container registry.
    { product: 'ghcr', test: ({ host, service }) => host === 'ghcr.io' && service === 'ghcr.io' },
    // Microsoft's documentation of roles and of repository permissions.
    {
        product: 'acr',
        test: ({ path, service }) => path === '/oauth2/token' && /\.azurecr\.(?:io|cn|us)$/.test(service),
    },
    // Amazon's documentation of the actions of ECR.
    { product: 'ecr', test: ({ service }) => service === 'ecr.amazonaws.com' },
    // Google's documentation of the roles of Artifact Registry.
    {
        product: 'artifact-registry',
        test: ({ service }) => /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io)$/.test(service),
    },
];
/**
 * Finds the right that is missing, by the challenge of the registry.
 *
 * @param response a 401 or 403 of the registry
 * @param need what the request wanted to do
 * @returns undefined if the challenge does not tell, or there is none
 */
function rightFor(response, need) {
    const own = parseChallenges(response.headers.get('www-authenticate') ?? '');
    const challenges = [...own, ...(response.challenge === undefined ? [] : [response.challenge])];
    for (const challenge of challenges) {
        const parameters = parametersOf(challenge);
        const row = ROWS.find(({ test }) => test(parameters));
        if (row !== undefined)
            return { is: 'of-product', product: row.product, need };
    }
    for (const challenge of challenges) {
        const actions = actionsOf(challenge);
        if (actions.length > 0)
            return { is: 'actions', actions };
    }
    return undefined;
}
function parametersOf({ scheme, parameters }) {
    const of = (name) => parameters.get(name) ?? '';
    const realm = of('realm');
    const url = URL.canParse(realm) ? new URL(realm) : undefined;
    return {
        scheme,
        realm,
        host: url?.host ?? '',
        path: url?.pathname ?? '',
        service: of('service'),
        scope: of('scope'),
    };
}
/** @returns the actions on the repository in the scope of a challenge. `pull` counts only alone: every request needs it */
function actionsOf({ parameters }) {
    const wanted = parseScope(parameters.get('scope') ?? '')
        .filter(({ type }) => type === 'repository')
        .flatMap(({ actions }) => actions);
    const actions = ACTIONS.filter((action) => wanted.includes(action));
    return actions.length > 1 ? actions.filter((action) => action !== 'pull') : actions;
}

;// CONCATENATED MODULE: ./src/survey/lists/tags.ts






const tags_PAGES = 10_000;
const tags_TAGS = 1_000_000;
/** How often to read a list that breaks off. */
const tags_READS = 3;
/**
 * Lists the tags of a repository, to the last page. Starts again if the list breaks off.
 *
 * @param pastAllCaches whether every request, even the first, has a query string that no cache has seen
 * @returns the tags, each once, in the registry's order
 * @throws UnknownRepository on 404, StaleList if the list comes out of a cache, ListError if there is no whole list,
 *   WireError
 */
async function listTags(client, repository, pastAllCaches = false) {
    const read = (cacheBuster) => readWhole(client, repository, cacheBuster);
    const tags = await pastCaches(client, read, pastAllCaches);
    if (tags.is === 'cached')
        throw new StaleList({ kind: 'tag-list-stale', repository, sign: tags });
    return [...tags.names];
}
async function readWhole(client, repository, cacheBuster) {
    for (let reads = 0; reads < tags_READS; reads++) {
        const others = new OtherNames(repository);
        const tags = await readPages(tagList(client, repository, cacheBuster, others));
        if (tags.is !== 'cached')
            others.throwIfAny();
        if (tags.is === 'flawed')
            throw new ListError({ kind: 'tag-list-not-whole', repository, flaw: tags.flaw });
        if (tags.is !== 'broken-off')
            return tags;
    }
    const flaw = { is: 'broken-off', times: tags_READS };
    throw new ListError({ kind: 'tag-list-not-whole', repository, flaw });
}
function tagList(client, repository, cacheBuster, others) {
    const reading = { purpose: 'list-tags', ...(cacheBuster !== undefined && { cacheBuster }) };
    return {
        first: new URL(`/v2/${repository}/tags/list`, client.origin),
        mostPages: tags_PAGES,
        mostEntries: tags_TAGS,
        continuesByName: true,
        request: (page) => client.tagPage(repository, page, reading),
        read: (page) => readPage(page, client, others),
    };
}
/**
 * @param others collects the entries that are not tags
 * @throws ListError if the response is not a page of a tag list
 */
function readPage({ response, body, isFirst }, client, others) {
    const { repository } = others;
    if (!isFirst && response.status === 404)
        return { is: 'broken-off' };
    if (isFirst && isAbsentRepository(response))
        throw new UnknownRepository({ kind: 'repository-unknown', repository, origin: client.origin, answered: describe(response) }, meaningOf('tag-list', response) === 'perhaps-unknown');
    if (response.status !== 200 || response.cut)
        throw new ListError(refused(client, repository, response));
    return { is: 'names', names: others.tagsOf(response, body) };
}
/** @returns whether the registry does not know the repository. Harbor sends NOT_FOUND instead of NAME_UNKNOWN. */
function isAbsentRepository(response) {
    return response.status === 404 && ['unknown', 'perhaps-unknown'].includes(meaningOf('tag-list', response));
}
/** Puts into a problem that the response is not a page of a tag list. */
function refused(client, repository, response) {
    const means = meaningOf('tag-list', response);
    if (means === 'unauthenticated' || means === 'forbidden')
        return denied(client, repository, response);
    const foreign = means === 'foreign' ? { foreign: true } : {};
    const answered = describe(response);
    return { kind: 'tag-list-refused', repository, answered, ...speaksTls(client, response), ...foreign };
}
/** The tag list is the first request of a run, so its response shows whether the registry accepts the credentials. */
function denied(client, repository, response) {
    const answered = describe(response);
    const { origin, credentialsFrom: source } = client;
    const right = rightFor(response, 'delete');
    const lacking = right === undefined ? {} : { right };
    if (response.status === 403)
        return { kind: 'no-permission-to-list', repository, answered, ...lacking };
    if (source === undefined)
        return { kind: 'credentials-missing', repository, origin, answered };
    return { kind: 'credentials-refused', repository, origin, answered, source, ...lacking };
}
/** Recognizes the response of Go and nginx to plain http on a port that expects TLS. */
function speaksTls(client, response) {
    const text = Buffer.from(response.body.subarray(0, 1000)).toString('utf8');
    return response.status === 400 && /HTTP request (?:to an HTTPS server|was sent to HTTPS port)/.test(text)
        ? { https: client.origin.replace(/^http:/, 'https:') }
        : {};
}

;// CONCATENATED MODULE: ./src/survey/lists/listing.ts


/** Lists the tags of one repository, including those that its tag list hides. */
class Listing {
    #tools;
    #repository;
    #hidden;
    constructor(tools, repository) {
        this.#tools = tools;
        this.#repository = repository;
        this.#hidden = new HiddenTags(tools, repository);
    }
    /**
     * Lists the tags, and searches for hidden ones.
     *
     * @param pastAllCaches whether every request, even the first, has a query string that no cache has seen
     * @throws ListError, WireError
     */
    async whole(pastAllCaches = false) {
        const listed = await listTags(this.#tools.client, this.#repository, pastAllCaches);
        return [...listed, ...(await this.#hidden.search(listed, pastAllCaches))];
    }
    /**
     * Lists the tags, and adds the hidden ones that an earlier search found. Does not search for others.
     *
     * @param deleted tags that are not added
     * @throws ListError, WireError
     */
    async quick(deleted, pastAllCaches) {
        const listed = await listTags(this.#tools.client, this.#repository, pastAllCaches);
        return [...new Set([...listed, ...this.#hidden.found.filter((tag) => !deleted.has(tag))])];
    }
    /** The remarks about the newest list. */
    get remarks() {
        const { found, skipped } = this.#hidden;
        const repository = this.#repository;
        const remarks = [];
        if (found.length > 0)
            remarks.push({ kind: 'hidden-tags-found', repository, count: found.length });
        if (skipped > 0)
            remarks.push({ kind: 'hidden-tags-not-searched', repository, count: skipped });
        return remarks;
    }
    /** Notes that a tag resolves but is not listed. @returns whether a listed tag may hide it */
    suspect(tag, listed) {
        return this.#hidden.suspect(tag, listed);
    }
    /**
     * Removes names that only the search for hidden tags found, and that never resolved.
     *
     * @param tags the tags that were read; such names are removed here as well, unless `before` has them
     * @param before the states of tags that were known before
     * @returns the list without such names
     */
    removeLeftovers(listed, tags, before = new Map()) {
        const found = new Set(this.#hidden.found);
        for (const tag of found) {
            const isLeftover = tags.get(tag)?.is === 'unknown' && before.get(tag)?.is !== 'resolved';
            if (isLeftover && !before.has(tag))
                tags.delete(tag);
        }
        return listed.filter((tag) => !found.has(tag) || tags.has(tag));
    }
}

;// CONCATENATED MODULE: ./src/registry/storage-error.ts

/**
 * The registry redirects a blob to its storage, and from there came no complete response. The message names the host of
 * the storage, and never its link, which may be signed.
 */
class StorageError extends WireError {
    /** Host and port of the storage, or a placeholder if the redirect holds a secret there. */
    storage;
    /** What happened, as the end of a sentence about the storage. */
    reason;
    /**
     * @param requested the request to the registry
     * @param storage as `storageOf` returns it
     * @param error the failure of the request to the storage, or the reason why none was sent
     */
    constructor(requested, storage, { failure, code }) {
        super(requested, failure, code);
        this.storage = storage;
        this.reason = reasonOf(failure, code);
        this.message = `${requested.method} ${display(shownUrl(requested))}: the registry redirects it to its storage at ${storage}, ${this.reason}. Let this runner reach that storage, or have the registry serve blobs itself (distribution: \`storage.redirect.disable: true\`)`;
    }
}
/** @returns host and port of a storage, for a message */
function storageOf(request) {
    return shownUrl(request).host;
}
/** As `describe`, and names the storage if the response comes from there. */
function describeSource(response) {
    const said = describe(response);
    return response.storage === undefined ? said : `${said} from its storage at ${response.storage}`;
}
const UNTRUSTED = /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT_)/;
function reasonOf(failure, code) {
    if (failure === 'timeout' || code === 'ECONNECTLIMIT' || code === 'ETIMEDOUT')
        return 'from which no complete response came in time';
    if (failure === 'forbidden-address')
        return `an address to which this action never connects (${code})`;
    if (failure === 'too-large')
        return `whose response is larger than this action accepts (${code} bytes)`;
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
        return `a name that this runner cannot resolve (${code})`;
    if (code === 'ECONNREFUSED')
        return `where nothing listens (${code})`;
    if (UNTRUSTED.test(code))
        return `whose certificate this runner does not trust (${code})`;
    return `with which the connection failed (${code})`;
}

;// CONCATENATED MODULE: ./src/survey/read/blob-access.ts









/** Blobs that fail before the others are no longer tried. */
const FAILURES = 3;
/**
 * Finds out whether this runner can read the registry's blobs, by one GET that leaves a long body unread. The final check
 * of the remaining tags reads their blobs in the same way, so it would fail for the same reason. If nothing remains, it
 * reads a blob of the purged image.
 *
 * Sends further requests only if a blob is missing or its response is a failure.
 *
 * @param labels whether only labels are removed, so that everything remains
 * @returns undefined if there is no blob to try
 * @throws Stopped
 */
async function readBlobAccess(tools, facts, target, labels) {
    const { digests, remaining } = candidates(facts, target, labels);
    let missing;
    let closed;
    let failed = 0;
    for (let at = 0; at < digests.length;) {
        // One at a time until it is likely that many are missing.
        const batch = digests.slice(at, at + (at < FAILURES ? 1 : tools.width));
        at += batch.length;
        const found = await each(batch, tools.width, (digest) => readOne(tools, facts, digest));
        for (const access of found) {
            if (access.is === 'open')
                return { is: 'open' };
            if (access.is === 'closed') {
                closed ??= access;
                failed++;
            }
            else
                missing = { ...access, tried: at, remaining };
        }
        if (closed !== undefined && (closed.why.is === 'unreachable' || failed >= FAILURES))
            return closed;
    }
    return closed ?? missing;
}
/** @returns the blobs that remaining tags need, or those of the purged image if no tag remains */
function candidates(facts, target, labels) {
    const asked = new Set(target.tags.map(({ tag }) => tag));
    const isPurged = (tag) => !labels && asked.has(tag);
    const rootsWhere = (test) => [...facts.tags].flatMap(([tag, state]) => state.is === 'resolved' && test(tag, state.digest) ? [state.digest] : []);
    const purged = [...rootsWhere(isPurged), ...(labels ? [] : twins_rootsOf(target))];
    const whole = reach(purged, facts, true).manifests;
    const keys = new Set([...whole].map(keyOf));
    // What is attached to the image goes with it.
    const roots = rootsWhere((tag, digest) => !isPurged(tag) && !whole.has(digest) && !keys.has(subjectKey(tag) ?? ''));
    const remaining = inOrder(roots, facts);
    if (remaining.length > 0)
        return { digests: remaining, remaining: true };
    return { digests: inOrder(purged, facts), remaining: false };
}
/** The largest first, since some registries redirect only large blobs; then the smallest, since a storage may archive large ones. */
function inOrder(roots, facts) {
    const blobs = new Map();
    for (const digest of reach(roots, facts, false).manifests)
        for (const blob of facts.manifests.get(digest)?.blobs ?? [])
            if (!blob.foreign && !EMPTY_BLOBS.has(blob.digest))
                blobs.set(blob.digest, blob);
    const sorted = [...blobs.values()]
        .sort((one, other) => (other.size ?? 0) - (one.size ?? 0) || (one.digest < other.digest ? -1 : 1))
        .map(({ digest }) => digest);
    const [largest, ...rest] = sorted;
    const smallest = rest.pop();
    return [largest, smallest, ...rest].filter((digest) => digest !== undefined);
}
async function readOne({ client }, { repository }, digest) {
    const response = await attempt(client.blob(repository, digest, { purpose: 'check-blob' }));
    if (response instanceof StorageError)
        return {
            is: 'closed',
            digest,
            why: { is: 'unreachable', storage: response.storage, reason: response.reason },
        };
    if (response instanceof WireError)
        return { is: 'closed', digest, why: { is: 'unanswered', message: response.message } };
    if (response.status === 200 && isWhole(digest, response))
        return { is: 'open' };
    const answered = outcomeOf(response);
    return isGone(response) || response.status === 200
        ? { is: 'missing', digest, answered }
        : { is: 'closed', digest, why: whyClosed(response) };
}
/** A body that is cut off or has other bytes is as good as missing: its tag was broken before. */
function isWhole(digest, { cut, ended, body }) {
    return !cut && (ended === true || matches(digest, body));
}
function whyClosed(response) {
    const answered = describe(response);
    if (response.storage !== undefined)
        return { is: 'storage-refused', storage: response.storage, answered };
    const means = meaningOf('blob', response);
    if (means === 'foreign')
        return { is: 'foreign', answered };
    return { is: 'refused', answered, denied: means === 'forbidden' || means === 'unauthenticated' };
}

;// CONCATENATED MODULE: ./src/registry/answers/foreign.ts

/**
 * @returns whether something in front of the registry answered a read, such as a firewall or a login page. A 200 that does
 *   not announce a web page is not parsed for this: most responses are manifests and configs
 */
function isForeign(asked, response) {
    const announced = (response.headers.get('content-type') ?? '').toLowerCase().includes('html');
    return (response.status !== 200 || announced) && meaningOf(asked, response) === 'foreign';
}

;// CONCATENATED MODULE: ./src/survey/read/created.ts








/** Give up after this many configs without a response, if none had one. */
const SILENT = 16;
/**
 * Finds out when images were created. The date is `created` in the config (image-spec, "Image Configuration"). For an
 * index it is the date of its newest image. Reads each config once, even if several images share it, and hashes it.
 *
 * @param roots the manifests that tags point to
 * @param facts has everything below the roots
 * @returns the date of each root as its config states it, or why there is none. The caller judges whether it can be true
 * @throws Stopped
 */
async function readCreated({ client, width, progress }, roots, facts) {
    const images = new Map([...roots].map((root) => [root, imagesOf(root, facts)]));
    const configs = new Set();
    for (const { manifest } of [...images.values()].flat()) {
        const config = manifest?.config?.digest;
        if (config !== undefined && !EMPTY_BLOBS.has(config))
            configs.add(config);
    }
    const stated = new Map();
    const silence = new Silence();
    await counted(progress, 'configs read', [...configs], width, async (config) => {
        const read = silence.lasting ?? (await readStated(client, facts.repository, config));
        silence.add(read);
        stated.set(config, read);
    });
    const of = (image) => statedOf(image, stated);
    return new Map([...images].map(([root, below]) => [root, newest(below.map(of))]));
}
/** Recognizes a storage that never responds. Without it, thousands of configs would each be requested several times. */
class Silence {
    #failures = 0;
    #answered = false;
    #last;
    /** The failure of every further read; undefined if a read is worth a try. */
    get lasting() {
        return !this.#answered && this.#failures >= SILENT ? this.#last : undefined;
    }
    add(read) {
        if (read.is === 'unreadable' && read.why.is === 'unanswered') {
            this.#failures++;
            this.#last = read;
        }
        else
            this.#answered = true;
    }
}
/** @returns the images of an index at any depth, or the manifest itself */
function imagesOf(root, { manifests, missing }) {
    const images = [];
    const below = new Set([root]);
    // A Set hands out entries that are added while it is walked.
    for (const digest of below) {
        const manifest = manifests.get(digest);
        if (manifest?.kind === 'index')
            for (const child of manifest.children)
                below.add(child.digest);
        else {
            const unread = missing.get(digest);
            const why = unread === undefined || unread.is === 'missing' ? {} : { why: unread.why };
            images.push({ digest, manifest, ...(manifest === undefined && why) });
        }
    }
    return images;
}
/** @param stated the date in each config that was read */
function statedOf({ digest, manifest, ...more }, stated) {
    if (manifest === undefined)
        return created_unreadable({ is: 'unread-manifest', digest, ...more });
    if (manifest.kind === 'artifact')
        return { is: 'silent' };
    if (manifest.kind !== 'image')
        return created_unreadable({ is: 'dateless-kind', digest: manifest.digest });
    return stated.get(manifest.config?.digest ?? manifest.digest) ?? { is: 'silent' };
}
/** Skips images without a date if another one has a date. If one date cannot be read, the newest date is unknown. */
function newest(all) {
    let at;
    for (const each of all) {
        if (each.is === 'unreadable')
            return { is: 'unknown', why: each.why };
        if (each.is === 'known')
            at = Math.max(at ?? each.at, each.at);
    }
    return at === undefined ? { is: 'unknown', why: { is: 'no-date' } } : { is: 'known', at };
}
async function readStated(client, repository, config) {
    const response = await attempt(client.config(repository, config));
    if (response instanceof WireError)
        return created_unreadable({ is: 'unanswered', message: response.message });
    const foreign = isForeign('blob', response);
    if (response.status !== 200 || response.cut || foreign) {
        const is = isGone(response) && !foreign ? 'missing-config' : 'refused';
        return created_unreadable({ is, config, answered: describeSource(response) });
    }
    if (!matches(config, response.body))
        return created_unreadable({ is: 'other-bytes', config });
    return dateIn(response.body) ?? created_unreadable({ is: 'malformed', config });
}
function created_unreadable(why) {
    return { is: 'unreadable', why };
}
/** @returns undefined if the date cannot be read */
function dateIn(body) {
    const json = parseJson(body);
    if (typeof json !== 'object' || json === null || Array.isArray(json))
        return undefined;
    // Go's readers accept `Created` for `created`, so two readers would see two dates.
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

;// CONCATENATED MODULE: ./src/survey/read/missing.ts




/** @returns whether a response says that the registry, or a gateway in front of it, does not know a manifest */
function isUnknown(response) {
    // Most responses are manifests, which need not be parsed for this.
    return response.status === 404 && ['unknown', 'perhaps-unknown'].includes(meaningOf('manifest', response));
}
/**
 * Finds out whether responses show that the registry does not know a manifest. MANIFEST_UNKNOWN shows it. Another code, such
 * as Harbor's NOT_FOUND, may be a gateway's, so it counts only if a manifest that never existed gets the same response.
 *
 * @param responses to several requests for the same manifest
 * @throws Stopped
 */
async function isMissing(capabilities, repository, responses) {
    if (!responses.every((each) => cacheOf(each) === undefined && isUnknown(each)))
        return false;
    if (responses.every((each) => meaningOf('manifest', each) === 'unknown'))
        return true;
    for (const each of responses) {
        const own = await attempt(capabilities.isOwnAbsence(repository, each));
        if (own instanceof WireError || !own)
            return false;
    }
    return true;
}

;// CONCATENATED MODULE: ./src/survey/read/pool.ts
/**
 * Keeps one copy of equal values, to save memory: in a repository of a hundred thousand tags many manifests and layers
 * are the same.
 */
class Pool {
    #manifests = new Map();
    #descriptors = new Map();
    #resolved = new Map();
    /** @returns the manifest of this digest, if it was parsed before under the same media type */
    manifest(digest, type) {
        const known = this.#manifests.get(digest);
        return known?.type === type ? known.manifest : undefined;
    }
    /** Keeps a manifest. @param type the media type in its response @returns the manifest with shared descriptors */
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
    /** @returns the state of a tag that points to a manifest */
    resolved(digest) {
        const known = this.#resolved.get(digest);
        if (known !== undefined)
            return known;
        const state = { is: 'resolved', digest };
        this.#resolved.set(digest, state);
        return state;
    }
    /** If two manifests describe the same content differently, each keeps its own descriptor. */
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

;// CONCATENATED MODULE: ./src/oci/keys.ts
/** The keys of manifests and descriptors that this action or other clients read. */
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
/** Lower case as in Go's decoder, which also maps the long s and the Kelvin sign. */
const folded = (key) => key.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase();
/**
 * Finds a key that differs from a known one only by case. Go's decoder treats `Layers` as `layers`, and the last of the
 * two wins. So two clients could interpret such a body as two different images.
 */
function miscasedKey(json) {
    const wrong = (object) => typeof object === 'object' && object !== null
        ? Object.keys(object).find((key) => (BY_LOWER_CASE.get(folded(key)) ?? key) !== key)
        : undefined;
    const lists = [json['layers'], json['manifests'], json['blobs'], json['fsLayers']];
    const descriptors = [json, json['config'], json['subject']];
    for (const list of lists)
        if (Array.isArray(list))
            descriptors.push(...list);
    return descriptors.map(wrong).find((key) => key !== undefined);
}

;// CONCATENATED MODULE: ./src/oci/schema1.ts

/** Signatures, at most. Docker wrote one; many would only cost memory. */
const SIGNATURES = 8;
/**
 * Parses a schema 1 manifest. A signed manifest contains its signatures, and its digest is that of the text without them.
 * The `protected` header of a signature defines that text: the first `formatLength` bytes of the body, then `formatTail`.
 *
 * The signature itself is not verified: only the digest matters.
 *
 * @param body the bytes as received
 * @returns undefined if the manifest is malformed
 */
function parseSchema1(body) {
    const json = parseObject(body);
    if (json?.['schemaVersion'] !== 1)
        return undefined;
    const layers = parseLayers(json);
    if (layers === undefined)
        return undefined;
    const { signatures } = json;
    if (signatures === undefined)
        return { payload: body, layers };
    if (!Array.isArray(signatures) || signatures.length > SIGNATURES)
        return undefined;
    const [first, ...others] = signatures.map((each) => signedPayload(body, each));
    if (first === undefined || !others.every((each) => each !== undefined && first.equals(each)))
        return undefined;
    // The hashed text must name the same layers as the body.
    const signed = parseLayers(parseObject(first) ?? {});
    const same = signed?.length === layers.length && signed.every((layer, at) => layer === layers[at]);
    return same ? { payload: first, layers } : undefined;
}
function parseLayers({ fsLayers }) {
    // Go encodes a nil slice as null.
    if (fsLayers === null)
        return [];
    if (!Array.isArray(fsLayers))
        return undefined;
    const layers = fsLayers.map((each) => parseDigest(each?.blobSum));
    return layers.every((each) => each !== undefined) ? layers : undefined;
}
function signedPayload(body, signature) {
    const written = signature?.protected;
    if (typeof written !== 'string')
        return undefined;
    const { formatLength, formatTail } = parseObject(Buffer.from(written, 'base64url')) ?? {};
    if (typeof formatLength !== 'number' || typeof formatTail !== 'string')
        return undefined;
    if (!Number.isInteger(formatLength) || formatLength < 0 || formatLength > body.length)
        return undefined;
    return Buffer.concat([body.subarray(0, formatLength), Buffer.from(formatTail, 'base64url')]);
}
function parseObject(bytes) {
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
 * Parses a manifest. The body must be complete.
 *
 * The image-spec requires `layers` and `manifests`, but registries store manifests without them (distribution 3.1.1, 2.8.2),
 * and Go writes null for a list without entries. A missing list is an empty one if something else in the body shows
 * what it is: the config of an image, the own `mediaType` of an index or an artifact. The config of an image is never
 * optional: the same registries refuse an image without one, and without it `{}` would be an image that needs nothing.
 *
 * A body is unusable if it is not a JSON object, does not have the structure of its media type, or has a `mediaType` that
 * contradicts the header: a login portal returns 200 too, and two clients could interpret an ambiguous body as two
 * different images (CVE-2021-41190). The kind is `unknown` only for an unknown media type.
 *
 * @param body the bytes as received; their sha256 is the digest unless `named` is given
 * @param contentType the Content-Type header
 * @param named the digest in the request, which must match the bytes
 */
function parseManifest(body, contentType, named) {
    const text = Buffer.from(body).toString('utf8');
    const json = manifest_parseJson(text);
    if (json === undefined)
        return { unusable: { is: 'no-object' } };
    const miscased = miscasedKey(json);
    if (miscased !== undefined)
        return { unusable: { is: 'miscased-key', key: miscased } };
    const header = essence(contentType);
    const own = typeof json['mediaType'] === 'string' ? json['mediaType'].toLowerCase() : '';
    if (kindOf(header) === 'schema1' || kindOf(own) === 'schema1' || json['schemaVersion'] === 1)
        return schema1(body, header, named);
    const digest = named ?? sha256(body);
    if (own !== '' && !isGeneric(header) && kindOf(own) !== kindOf(header))
        return { unusable: { is: 'two-types' } };
    const mediaType = own !== '' ? own : header;
    const kind = isGeneric(mediaType) ? kindByShape(json) : kindOf(mediaType);
    const base = { digest, mediaType, size: body.length };
    if (kind === 'unknown' && !isGeneric(mediaType)) {
        const written = digestsWrittenIn(unescaped(text)).filter((each) => each !== digest);
        const subject = descriptor(json['subject'])?.digest;
        return { ...base, kind, children: [], blobs: [], written, ...(subject !== undefined && { subject }) };
    }
    const parts = manifest_partsOf(json, kind, kindOf(own) === kind);
    if (parts === undefined)
        return { unusable: { is: 'malformed' } };
    const subject = descriptor(json['subject'])?.digest;
    return { ...base, ...parts, ...(subject !== undefined && { subject }) };
}
/** Nobody pushes schema 1 any more, but kept tags may need the layers of old images. */
function schema1(body, mediaType, named) {
    const parsed = parseSchema1(body);
    if (parsed === undefined)
        return { unusable: { is: 'malformed-schema1' } };
    const digest = named ?? sha256(parsed.payload);
    const blobs = once(parsed.layers.map((layer) => ({ digest: layer, mediaType: '', foreign: false })));
    return { digest, mediaType, size: body.length, kind: 'schema1', children: [], blobs, written: [] };
}
/**
 * @param body the bytes of a manifest as received
 * @returns the bytes that its digest is computed from: a signed schema 1 manifest without its signatures, otherwise the
 *   whole body. Undefined if a schema 1 manifest is malformed
 */
function hashedBytes(body) {
    // Only schema 1 contains signatures. All other manifests are hashed whole, without being parsed.
    if (!Buffer.from(body).includes('"signatures"'))
        return body;
    const json = manifest_parseJson(Buffer.from(body).toString('utf8'));
    return json?.['schemaVersion'] === 1 ? parseSchema1(body)?.payload : body;
}
/** @param named whether the body itself, and not only the header, names the kind */
function manifest_partsOf(json, kind, named) {
    if (kind === 'index')
        return indexParts(json, named);
    if (kind === 'image')
        return imageParts(json);
    return kind === 'artifact' ? artifactParts(json, named) : undefined;
}
function indexParts(json, named) {
    if (has(json, 'config') || has(json, 'layers') || has(json, 'blobs') || has(json, 'fsLayers'))
        return undefined;
    const entries = descriptors(json['manifests'], named);
    if (entries === undefined)
        return undefined;
    return {
        kind: 'index',
        children: once(entries.filter(isManifest)),
        blobs: once(entries.filter((entry) => kindOf(entry.mediaType) === 'blob')),
        written: once(entries.filter((entry) => kindOf(entry.mediaType) === 'unknown' && !isManifest(entry))).map(({ digest }) => digest),
    };
}
/** @returns whether an index entry is a manifest: its type is known, contains `manifest` or `index`, or is generic */
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
    const layers = descriptors(json['layers'], config !== undefined);
    if (config === undefined || layers === undefined)
        return undefined;
    return { kind: 'image', children: [], config, blobs: once([config, ...layers]), written: [] };
}
function artifactParts(json, named) {
    if (has(json, 'manifests') || has(json, 'layers') || has(json, 'config'))
        return undefined;
    const blobs = descriptors(json['blobs'], named);
    return blobs === undefined ? undefined : { kind: 'artifact', children: [], blobs: once(blobs), written: [] };
}
function kindByShape(json) {
    if (has(json, 'manifests'))
        return 'index';
    return has(json, 'config') && json['layers'] !== undefined ? 'image' : 'unknown';
}
/**
 * One malformed entry makes the whole list malformed: the content that it refers to would otherwise be missing.
 *
 * @param optional whether the list may be missing
 */
function descriptors(value, optional) {
    // Go encodes a nil slice as null.
    if (value === null || (value === undefined && optional))
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
        ...(isSize(size, digest) && { size }),
    };
}
/** Go writes 0 for a size that was never set, and clients ignore it. Only empty content has this size. */
function isSize(size, digest) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
        return false;
    return size > 0 || matches(digest, new Uint8Array());
}
function once(list) {
    return [...new Map(list.map((each) => [each.digest, each])).values()];
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
/** Undoes the escapes of ASCII characters: JSON may escape any character of a digest. */
function unescaped(text) {
    return text.replace(/\\u00([0-7][0-9a-fA-F])/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

;// CONCATENATED MODULE: ./src/survey/read/response.ts





/**
 * Judges a response by status and content: the bytes must hash to every digest in the request and in the headers.
 *
 * @param pool has the manifests that were parsed before, and receives new ones
 */
function response_judge(reference, response, pool) {
    const cache = response.redirected ? undefined : cacheOf(response);
    // The bytes for a digest are hashed, so they may be cached. Only the registry knows where a tag points, or that something is missing.
    if (cache !== undefined && (response.status !== 200 || parseDigest(reference) === undefined))
        return response_unreadable({ is: 'cached', cache });
    if (isForeign('manifest', response))
        return response_unreadable({ is: 'foreign', answered: describe(response) });
    if (response.status !== 200)
        return response_unreadable({ is: 'refused', answered: describe(response) });
    if (response.cut)
        return response_unreadable({ is: 'cut-off' });
    const bytes = hashedBytes(response.body);
    if (bytes === undefined)
        return response_unreadable({ is: 'unusable', flaw: { is: 'malformed-schema1' } });
    const own = sha256(bytes);
    // A signed manifest that does not hash to the digest is not a contradiction: 2.x signs it again at each read.
    const lie = bytes === response.body ? 'lie' : 'unreadable';
    const named = parseDigest(reference);
    if (named !== undefined && !matches(named, bytes))
        return { is: lie, why: { is: 'other-bytes', named, digest: own } };
    const header = response.headers.get('docker-content-digest')?.trim() ?? '';
    const stated = parseDigest(header);
    if (header !== '' && (stated === undefined || !matches(stated, bytes)))
        return { is: lie, why: { is: 'other-header' } };
    const type = response.headers.get('content-type') ?? '';
    // The pool may have the same bytes. It cannot be used for a signed manifest: its signatures are not part of the digest.
    const whole = bytes === response.body;
    const known = whole ? pool.manifest(named ?? own, type) : undefined;
    const manifest = known ?? parseManifest(response.body, type, named);
    if ('unusable' in manifest)
        return response_unreadable({ is: 'unusable', flaw: manifest.unusable });
    const twin = [own, stated].find((digest) => digest !== undefined && digest !== manifest.digest);
    const kept = known === undefined && whole ? pool.keep(manifest, type) : manifest;
    return { is: 'came', manifest: kept, ...(twin !== undefined && { twin }) };
}
function response_unreadable(why) {
    return { is: 'unreadable', why };
}

;// CONCATENATED MODULE: ./src/survey/read/twin.ts


/**
 * Reads a whole blob, without keeping it, to find out the sha256 digest of its bytes. A header with that digest would
 * prove nothing.
 *
 * @param digest of the blob, by sha512
 * @throws Stopped
 */
async function readTwin(client, repository, digest) {
    const response = await attempt(client.blobHash(repository, digest));
    if (!(response instanceof WireError)) {
        if (isGone(response))
            return { is: 'gone' };
        const { hashes } = response;
        if (response.status === 200 && !response.cut && hashes !== undefined)
            return hashes.sha512 === digest
                ? { is: 'twin', digest: hashes.sha256 }
                : { is: 'unclear', problem: { kind: 'twin-of-other-bytes', repository, digest } };
    }
    const answered = outcomeOf(response);
    return { is: 'unclear', problem: { kind: 'twin-unreadable', repository, digest, answered } };
}

;// CONCATENATED MODULE: ./src/survey/read/reader.ts









const LEVELS = 16;
const reader_MANIFESTS = 500_000;
/**
 * Reads tags and the manifests below them. Reads each manifest once, even if several tags share it. Records a failed
 * read instead of throwing it; throws only Stopped and defects.
 */
class Reader {
    manifests = new Map();
    missing = new Map();
    referrers = new Map();
    referrersUnclear = new Map();
    twins = new Map();
    #tools;
    #repository;
    #readsReferrers;
    #underWay = new Map();
    #pool;
    /** Whether a response has shown that the repository has a referrers API. */
    #referrersApi = false;
    /**
     * @param options.referrers whether to read referrers
     * @param options.known an earlier reader. Manifests are content-addressed, so this reader takes over what that one read
     */
    constructor(tools, repository, { referrers, known }) {
        this.#tools = tools;
        this.#repository = repository;
        this.#readsReferrers = referrers;
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
    /** Reads tags in parallel, and everything below them. */
    async tags(tags) {
        const { width, progress } = this.#tools;
        const list = [...tags];
        const states = await counted(progress, 'tags read', list, width, (tag) => this.tag(tag));
        return new Map(list.map((tag, at) => [tag, states[at]]));
    }
    /** Reads a tag by one GET, whose hashed body gives both digest and graph, and everything below it. */
    async tag(tag) {
        const read = await this.#request(tag, { purpose: 'read-tag' });
        if (read.is === 'missing')
            return { is: 'unknown' };
        if (read.is !== 'came')
            return read;
        const { manifest } = read;
        if (manifest.kind === 'schema1' && !this.manifests.has(manifest.digest)) {
            // 2.x converts a manifest when it serves it by tag. A manifest that is stored as schema 1 is also served by digest.
            const stored = await this.#request(manifest.digest, { purpose: 'read-manifest' });
            if (stored.is !== 'came')
                return { is: 'unreadable', why: { is: 'conversion' } };
        }
        await this.#take(read, 0);
        return this.#pool.resolved(manifest.digest);
    }
    /** Reads manifests by digest in parallel, and everything below them, into `manifests` or `missing`. */
    async digests(digests) {
        await each(digests, this.#tools.width, (digest) => this.digest(digest));
    }
    /** Reads a manifest by digest, and everything below it, into `manifests` or `missing`. */
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
    /** Re-reads the referrers of these manifests, if the registry has the referrers API. */
    async refer(subjects) {
        if (!this.#referrersApi)
            return this.#confirmNoReferrersApi([...subjects]);
        await each([...subjects], this.#tools.width, (subject) => this.#referrersOf(subject, 0));
    }
    /**
     * Reads blobs that are named by sha512, to find out under which sha256 digest the registry may serve the same bytes. A
     * push by sha512 creates both names.
     *
     * @returns a problem for each blob whose sha256 digest is unknown
     */
    async twinsOf(blobs) {
        const problems = [];
        const open = [...blobs].filter((digest) => digest.startsWith('sha512:') && !this.twins.has(digest));
        await each(open, this.#tools.width, async (digest) => {
            const read = await readTwin(this.#tools.client, this.#repository, digest);
            if (read.is === 'unclear')
                problems.push(read.problem);
            if (read.is === 'twin')
                this.#twin(digest, read.digest);
        });
        return problems;
    }
    /** @returns everything that was read so far, with these tags */
    facts(listed, tags) {
        const { manifests, missing, referrers, referrersUnclear, twins } = this;
        const repository = this.#repository;
        return { repository, listed, tags, manifests, missing, referrers, referrersUnclear, twins };
    }
    async #readDigest(digest, level) {
        const read = await this.#request(digest, { purpose: 'read-manifest' });
        if (read.is === 'came')
            return this.#take(read, level);
        this.missing.set(digest, read);
        // Referrers outlive their subject. But only an existing manifest can show whether the registry has a referrers API.
        if (read.is === 'missing' && this.#referrersApi)
            await this.#referrersOf(digest, level);
    }
    async #take({ manifest, twin }, level) {
        if (twin !== undefined && twin !== manifest.digest && !this.twins.has(manifest.digest)) {
            this.#twin(manifest.digest, twin);
            await this.#take({ is: 'came', manifest: { ...manifest, digest: twin } }, level);
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
        if (this.#isTooDeep(level)) {
            const why = { is: 'too-deep', levels: LEVELS, manifests: reader_MANIFESTS };
            for (const { digest } of open)
                this.missing.set(digest, { is: 'unreadable', why });
            return;
        }
        await Promise.all(open.map(({ digest }) => this.digest(digest, level + 1)));
    }
    async #referrersOf(subject, level) {
        if (!this.#readsReferrers)
            return;
        if (this.#isTooDeep(level)) {
            this.referrersUnclear.set(subject, { is: 'too-deep', levels: LEVELS });
            return;
        }
        const listing = await attempt(this.#tools.capabilities.referrers(this.#repository, subject));
        if (listing instanceof WireError) {
            this.#referrersApi = true;
            this.referrersUnclear.set(subject, { is: 'unanswered', message: listing.message });
            return;
        }
        if (listing.is === 'absent')
            return;
        this.#referrersApi = true;
        if (listing.is === 'unclear') {
            this.referrersUnclear.set(subject, listing.why);
            return;
        }
        await Promise.all(listing.digests.map((digest) => this.digest(digest, level + 1)));
        // Skip entries whose manifest is gone.
        for (const digest of listing.digests)
            if (this.missing.get(digest)?.is !== 'missing')
                this.#refer(subject, digest);
    }
    /** If a repository has the API after all, the referrers that were not read are unknown. */
    async #confirmNoReferrersApi(subjects) {
        const [subject] = subjects;
        if (subject === undefined)
            return;
        const { capabilities } = this.#tools;
        const absent = await attempt(capabilities.hasStillNoReferrersApi(this.#repository, subject));
        if (absent === true)
            return;
        const why = absent instanceof WireError
            ? { is: 'unanswered', message: absent.message }
            : { is: 'missing', elsewhere: true };
        for (const each of subjects)
            this.referrersUnclear.set(each, why);
    }
    #isTooDeep(level) {
        return level >= LEVELS || this.manifests.size > reader_MANIFESTS;
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
    async #request(reference, reading) {
        const { client } = this.#tools;
        const first = await attempt(client.manifest(this.#repository, reference, reading));
        if (first instanceof WireError)
            return unanswered(first);
        if (!isUnknown(first))
            return response_judge(reference, first, this.#pool);
        // Another replica may know it, and some registries return 404 for types that the Accept header does not list.
        const again = { ...reading, fresh: true, accept: WIDER_ACCEPT, cacheBuster: client.newCacheBuster() };
        const second = await attempt(client.manifest(this.#repository, reference, again));
        if (second instanceof WireError)
            return unanswered(second);
        return (await isMissing(this.#tools.capabilities, this.#repository, [first, second]))
            ? { is: 'missing' }
            : response_judge(reference, second, this.#pool);
    }
}
function unanswered({ message }) {
    return { is: 'unreadable', why: { is: 'unanswered', message } };
}

;// CONCATENATED MODULE: ./src/survey/staleness.ts

/** Recognizes stale tag lists: those that name tags which this run deleted and which do not resolve. */
class Staleness {
    #repository;
    /** Tags that the registry still lists after their manifest was deleted. */
    #dangling = new Set();
    constructor(repository) {
        this.#repository = repository;
    }
    /** @returns whether a list may be stale. Then the caller must request it past caches */
    isDoubtful(listed, tags, deleted) {
        return listed.some((tag) => tags.get(tag)?.is === 'unknown' &&
            (deleted.untagged.has(tag) || (deleted.dropped.has(tag) && !this.#dangling.has(tag))));
    }
    /**
     * Judges a list that was requested past caches. It is stale if it names a tag that was deleted by name. It may name a
     * tag whose manifest was deleted (Nexus, 2.x on S3), but only if it lacks another tag that this run deleted: that shows
     * that the list is up to date.
     *
     * @throws StaleList
     */
    judge(listed, tags, deleted) {
        const named = new Set(listed);
        const isLive = [...deleted.dropped, ...deleted.untagged].some((tag) => !named.has(tag));
        for (const tag of listed) {
            if (tags.get(tag)?.is !== 'unknown')
                continue;
            if (deleted.untagged.has(tag))
                throw this.#stale('names-deleted-tag', tag);
            if (!deleted.dropped.has(tag))
                continue;
            if (!isLive && !deleted.explained.has(tag))
                throw this.#stale('names-tag-of-deleted-manifest', tag);
            this.#dangling.add(tag);
        }
    }
    #stale(is, tag) {
        return new StaleList({ kind: 'tag-list-stale', repository: this.#repository, sign: { is, tag } });
    }
}

;// CONCATENATED MODULE: ./src/survey/surveyor.ts







/** How often to read a list that lacks tags that resolve. */
const LISTINGS = 3;
/** Surveys one repository, and can check it again later. It only reads and makes no decisions. */
class Surveyor {
    #tools;
    #repository;
    #options;
    #listing;
    #staleness;
    #reader;
    constructor(tools, repository, options) {
        this.#tools = tools;
        this.#repository = repository;
        this.#options = options;
        this.#listing = new Listing(tools, repository);
        this.#staleness = new Staleness(repository);
        this.#reader = this.#newReader();
    }
    /**
     * Lists the tags, including those that the registry's list hides.
     *
     * @throws ListError, WireError
     */
    list() {
        return this.#listing.whole();
    }
    /** The remarks about the newest list. */
    get remarks() {
        return this.#listing.remarks;
    }
    /**
     * Reads every listed tag, every named one and all manifests below them. Probes deletion, and whether blobs can be read.
     *
     * @param listed what `list` returned
     * @param target the items that the user named
     * @throws ListError; WireError if the registry does not respond at all
     */
    async survey(listed, target) {
        const deletion = this.#deletion();
        deletion.catch(() => undefined);
        const facts = await this.read(listed, target);
        const contents = await this.#readContents(target, facts);
        return { ...facts, ...(await deletion), ...contents };
    }
    /**
     * Reads every listed tag, every named one, and all manifests below them.
     *
     * @throws ListError; WireError if the registry does not respond at all
     */
    async read(listed, target) {
        const named = (target?.tags ?? []).map(({ tag }) => tag);
        const byName = [...named, ...this.#options.protectedNames];
        const tags = await this.#reader.tags(new Set([...listed, ...byName]));
        await this.#reader.digests(target === undefined ? [] : twins_rootsOf(target));
        // The list must name every tag that resolves. If it lacks one, it is incomplete.
        let list = listed;
        const isUnlisted = (tag) => tags.get(tag)?.is === 'resolved' && !list.includes(tag);
        const isHidden = (tag) => isUnlisted(tag) && this.#listing.suspect(tag, list);
        // `filter` calls isHidden for every tag: each can show that the list hides tags.
        const lacks = () => byName.filter(isHidden).length > 0 || named.some(isUnlisted);
        for (let listings = 1; listings < LISTINGS && lacks(); listings++) {
            list = await this.list();
            const found = await this.#reader.tags(new Set(list.filter((tag) => !tags.has(tag))));
            for (const [tag, state] of found)
                tags.set(tag, state);
        }
        return this.#reader.facts(this.#listing.removeLeftovers(list, tags), tags);
    }
    /**
     * Adds to the facts whether the registry can delete, and whether its blobs can be read. Call it only for a repository in which something is selected.
     *
     * @param target the selected items
     * @param labels whether some tags lose only their label
     * @throws WireError
     */
    async complete(facts, target, labels) {
        const [deletion, contents] = await Promise.all([this.#deletion(), this.#readContents(target, facts)]);
        const untagging = labels && deletion.untagging === undefined
            ? { untagging: await this.#tools.capabilities.untagging(this.#repository) }
            : {};
        return { ...facts, ...deletion, ...untagging, ...contents };
    }
    /** @returns when the images of these roots were created @throws Stopped */
    created(roots, facts) {
        return readCreated(this.#tools, roots, facts);
    }
    /**
     * Checks the repository again: lists its tags again, reads the new ones, and re-reads as many others as `extent` says.
     * Does not re-read known manifests.
     *
     * @param before the facts before this check
     * @param deletions the items that the plan deletes
     * @param byName tags to read whether or not they are listed
     * @throws ListError, WireError
     */
    checkAgain(before, extent, deletions, byName = []) {
        this.#reader = this.#newReader(this.#reader);
        const tools = { listing: this.#listing, staleness: this.#staleness, reader: this.#reader };
        return new Check(tools, before, extent, deletions).run(byName);
    }
    /** Reads one tag. @throws Stopped */
    tag(tag) {
        return this.#reader.tag(tag);
    }
    /** If only labels are removed, every image is kept, so its referrers do not matter. */
    #newReader(known) {
        const referrers = !this.#options.labels;
        return new Reader(this.#tools, this.#repository, { referrers, ...(known !== undefined && { known }) });
    }
    async #deletion() {
        const { capabilities } = this.#tools;
        if (!this.#options.labels)
            return capabilities.deletion(this.#repository);
        const untagging = await capabilities.untagging(this.#repository);
        const deletion = untagging.is === 'possible' ? { is: 'on' } : untagging.deletion;
        return { manifestDeletion: deletion, blobDeletion: deletion, untagging };
    }
    async #readContents(target, facts) {
        const { labels } = this.#options;
        const [blobAccess, twinsUnclear] = await Promise.all([
            readBlobAccess(this.#tools, facts, target, labels),
            labels ? [] : readTwins(this.#reader, purgedBlobs(target, facts.tags, this.#reader)),
        ]);
        return { ...(blobAccess !== undefined && { blobAccess }), twinsUnclear };
    }
}

;// CONCATENATED MODULE: ./src/report/words/names.ts
/** @returns `repository:tag` */
function tagName({ repository, tag }) {
    return `${repository}:${tag}`;
}
/** @returns `repository@digest` */
function contentName(content) {
    return `${content.repository}@${content.digest}`;
}
/** @returns the key of a tag in the storage of distribution, below the storage's root */
function storageKey({ repository, tag, }) {
    return `docker/registry/v2/repositories/${repository}/_manifests/tags/${tag}/current/link`;
}

;// CONCATENATED MODULE: ./src/report/words/plan/access.ts


const INSTEAD = 'Or have the registry serve the blobs itself (distribution: `storage.redirect.disable: true`)';
const UNVERIFIABLE = 'so nothing could be verified after the purge';
/** The words for what could not be verified at the end. */
const accessWords = {
    'blobs-unreadable': ({ why, ...about }) => ({
        text: `This runner cannot read the blobs of ${about.repository}, ${UNVERIFIABLE}. ${cause(contentName(about), why)}`,
        items: [about.repository],
    }),
    'blobs-missing': ({ tried, answered, ...about }) => ({
        text: `None of the ${count(tried, 'blob')} that the remaining tags of ${about.repository} need can be read, ${UNVERIFIABLE}. The last one is ${contentName(about)} (${answered}). Check the registry and its storage, and run again`,
        items: [about.repository],
    }),
};
function cause(name, why) {
    switch (why.is) {
        case 'unreachable':
            return `The registry redirects them to its storage at ${why.storage}, ${why.reason}. ${access_reach(why.storage)}`;
        case 'storage-refused':
            return `The registry redirects them to its storage at ${why.storage}, which returned ${why.answered}. Check that storage, and the clock and the credentials with which the registry signs its links. ${INSTEAD}`;
        case 'refused':
            return why.denied
                ? `The registry returned ${why.answered} for ${name}. Give the user the action \`pull\` on ${name.replace(/@.*/, '')}`
                : `The registry returned ${why.answered} for ${name}. Check the registry and its storage, and run again`;
        case 'foreign':
            return `Something in front of the registry, such as a proxy, a firewall or a login page, returned ${why.answered} for ${name}. Let requests to /v2/ through, and run again`;
        case 'unanswered':
            return why.message;
    }
}
function access_reach(storage) {
    return `Run where ${storage} can be reached, by https if the registry uses https (an authority of its own belongs in \`ca-certificate\`). ${INSTEAD}`;
}

;// CONCATENATED MODULE: ./src/report/words/right.ts
/** The rights of each product, in the words of its own settings. They follow "Give the user" and "The user needs". */
const OF_PRODUCT = {
    gitea: {
        pull: 'a token with the scope `read:package`, and read access to the packages of the owner',
        push: 'a token with the scope `write:package`, and write access to the packages of the owner',
        delete: 'a token with the scope `write:package`, and write access to the packages of the owner',
    },
    gitlab: {
        pull: 'a token with the scope `read_registry`',
        push: 'the role Developer in the project, and a token with the scopes `read_registry` and `write_registry`',
        delete: 'the role Maintainer in the project, and a token with the scopes `read_registry` and `write_registry`',
    },
    harbor: {
        pull: 'the permission Pull Repository (a robot account), or the role Guest in the project (a user)',
        push: 'the permission Push Repository (a robot account), or the role Developer in the project (a user)',
        delete: 'the permission Delete Repository (a robot account), or the role Maintainer in the project (a user)',
    },
    quay: {
        pull: 'the permission Read (`pull`)',
        push: 'the permission Write (`push`)',
        delete: 'the permission Write (`push`), with which Quay deletes',
    },
    'docker-hub': {
        pull: 'an access token with the permission Read-only',
        push: 'an access token with the permissions Read & Write',
        delete: 'an access token with the permissions Read, Write, Delete',
    },
    ghcr: {
        pull: 'a token with the scope `read:packages`',
        push: 'a token with the scope `write:packages`',
        delete: 'a token with the scopes `read:packages` and `delete:packages`, and the role Admin on the package',
    },
    acr: {
        pull: 'the role AcrPull (a repository-scoped token: `content/read` and `metadata/read`)',
        push: 'the role AcrPush (a repository-scoped token: `content/read` and `content/write`)',
        delete: 'the role AcrDelete (a repository-scoped token: `content/delete`)',
    },
    ecr: {
        pull: 'the permissions `ecr:BatchGetImage`, `ecr:GetDownloadUrlForLayer` and `ecr:ListImages`',
        push: 'the permissions `ecr:PutImage`, `ecr:InitiateLayerUpload`, `ecr:UploadLayerPart` and `ecr:CompleteLayerUpload`',
        delete: 'the permission `ecr:BatchDeleteImage`',
    },
    'artifact-registry': {
        pull: 'the permission `artifactregistry.repositories.downloadArtifacts`',
        push: 'the permission `artifactregistry.repositories.uploadArtifacts`',
        delete: 'the permission `artifactregistry.repositories.deleteArtifacts`',
    },
};
/**
 * Puts the right that a user lacks into words, to follow "Give the user" or "The user needs".
 *
 * @param right undefined if only the need is known
 */
function sayRight(right, need, repository) {
    if (right?.is === 'of-product')
        return `${OF_PRODUCT[right.product][right.need]}, for ${repository}`;
    const actions = right === undefined ? [need] : right.actions;
    const named = actions.map((action) => `\`${action}\``).join(' and ');
    return `the action${actions.length > 1 ? 's' : ''} ${named} on ${repository}`;
}

;// CONCATENATED MODULE: ./src/report/words/plan/deletion.ts

const TURN_ON = 'Turn deletion on (distribution: `storage.delete.enabled: true`, or REGISTRY_STORAGE_DELETE_ENABLED=true in its environment) and run again';
const OWN_TOOLS = "Delete the image with the product's own tools, and give its digests to this action to prove that it is gone";
const WHAT = {
    manifests: 'deletion of manifests in',
    blobs: 'deletion of blobs in',
    tags: 'removal of tags from',
};
/** The words for what the registry cannot or may not delete. */
const deletionWords = {
    'no-permission': (problem) => about(problem, `No permission for the ${probed(problem)}. Give the user ${sayRight(problem.right, 'delete', problem.repository)}`),
    'deletion-off': (problem) => about(problem, `No ${probed(problem)}. ${sayOff(problem)}`),
    'deletion-unclear': (problem) => about(problem, `It is not clear whether the registry allows the ${probed(problem)}. ${sayUnclear(problem)}`),
};
function sayOff({ readOnly, only }) {
    if (readOnly)
        return `The registry is in read-only mode: end that (\`storage.maintenance.readonly.enabled\`). ${TURN_ON}`;
    if (only === true)
        return `It deletes manifests, but no blobs: it collects them by itself, at a time of its own (Quay, for one). ${OWN_TOOLS}`;
    return `If the registry is a pull-through cache (\`proxy.remoteurl\`), it never deletes: purge at its upstream. ${TURN_ON}`;
}
/** What the response to the probe means, and what to do. A registry that deletes does not know the random name. */
function sayUnclear({ means, what }) {
    switch (means) {
        case 'asynchronous':
        case 'done':
            return `It accepted the deletion of something that never existed, so its responses to a DELETE show nothing. ${OWN_TOOLS}`;
        case 'redirected':
            return 'A DELETE is never redirected. Write in `registry` the address that it redirects to: its scheme, host and port';
        case 'unsupported':
            return `It has no endpoint for this. ${OWN_TOOLS}`;
        case 'failed':
            return `It failed, or something in front of it did. Check its log, and run again${what === 'blobs' ? `. A registry that always fails here, such as one that keeps the blobs of all repositories in one store, cannot be purged safely with this action` : ''}`;
        case 'foreign':
            return 'Something in front of the registry answered, such as a proxy, a firewall or a login page. Let DELETE requests pass to the registry, and run again';
        case 'throttled':
            return 'It asks for fewer requests. Run again later, or with a lower `concurrency`';
        default:
            return `A registry that deletes returns 404 with a code such as MANIFEST_UNKNOWN for what it does not have. ${OWN_TOOLS}`;
    }
}
function probed({ what, repository, answered }) {
    return `${WHAT[what]} ${repository}: the registry returned ${answered} to the probe`;
}
function about({ repository }, text) {
    return { text, items: [repository] };
}

;// CONCATENATED MODULE: ./src/report/words/plan/together.ts


/** How many tags or manifests to name. */
const SHOWN = 20;
/** How many attached tags to name: their names are long. */
const ALONG = 5;
/** @returns what has to be named together: what that would delete, and the lines to paste, last */
function sayTogether(together) {
    if (together === undefined)
        return [];
    return together.is === 'protected'
        ? [sayProtected(together)]
        : [sayLines(together), ...pasteLines(together)];
}
/** @returns the inputs that name all of it, as lines to paste. The entries that are missing come first */
function pasteLines({ further, image, blobs }) {
    return [
        'image: |',
        ...[...further, ...image].map((entry) => `  ${entryName(entry)}`),
        ...(blobs.length === 0 ? [] : ['blobs: |', ...blobs.map((blob) => `  ${contentName(blob)}`)]),
    ];
}
/** @returns the entry of `image` */
function entryName({ repository, tag, digest }) {
    const name = tag === undefined ? repository : tagName({ repository, tag });
    return digest === undefined ? name : `${name}@${digest}`;
}
/** @returns how many further tags and manifests go, if these lines are pasted, and which */
function sayFurther({ further, along }) {
    const tags = further.flatMap(({ repository, tag }) => tag === undefined ? [] : [tagName({ repository, tag })]);
    const manifests = further.filter(({ tag }) => tag === undefined).map(entryName);
    const attached = along.map(tagName);
    return [
        ...(tags.length === 0 ? [] : [`${count(tags.length, 'further tag')} (${some(tags, SHOWN)})`]),
        ...(manifests.length === 0
            ? []
            : [`${count(manifests.length, 'further manifest')} (${some(manifests, SHOWN)})`]),
        ...(attached.length === 0
            ? []
            : [
                `${count(attached.length, 'tag')} attached to ${plural(further.length, 'it', 'them')} (${some(attached, ALONG)})`,
            ]),
    ].join(' and ');
}
function sayLines(lines) {
    const { further, image, blobs, whole } = lines;
    const inputs = blobs.length === 0 ? '`image`' : '`image` and `blobs`';
    const [{ repository } = { repository: '' }] = [...further, ...image];
    const where = whole ? `as ${inputs}` : `for ${repository}`;
    const [all, first] = further.length === 1 ? ['it', 'first is'] : ['all of them', `first ${further.length} are`];
    return `To purge it, ${sayFurther(lines)} must be deleted as well. If ${all} may go, give these lines ${where}; the ${first} new:`;
}
function sayProtected({ tags }) {
    const names = some(tags.map((each) => `${tagName(each)} (by ${each.entry})`), SHOWN);
    const [serve, they, them] = tags.length === 1 ? ['serves or needs', 'that tag', 'it'] : ['serve or need', 'those tags', 'them'];
    return `\`protected-tags\` keeps ${names}, which ${serve} it, so it cannot be purged. If ${they} may go, take ${them} out of \`protected-tags\` and run again`;
}

;// CONCATENATED MODULE: ./src/report/words/plan/left-behind.ts


/** The words for what would still be served after the purge. */
const leftBehindWords = {
    alias: ({ repository, tags, labels, furtherTags, together }) => {
        const names = tags.map(({ tag }) => tagName({ repository, tag }));
        const found = `The image in ${repository} is also served under other tags: ${tags.map(({ tag }) => tag).join(', ')} (they point to a manifest of the image, or to one with the same config). It could still be pulled, so nothing was purged.`;
        if (furtherTags === 'run-again')
            return { text: `${found} Run again: then they are taken into account`, items: names };
        const labelsOnly = labels.length === 0
            ? []
            : [
                `With \`scope: tag\` the run would remove only the label ${labels.map((tag) => tagName({ repository, tag })).join(', ')} and leave behind the manifest and every blob, so whoever has the digest or another tag could still pull it.`,
            ];
        return { text: [[found, ...labelsOnly].join(' '), ...sayTogether(together)].join('\n'), items: names };
    },
    'shared-blobs': ({ repository, kept, furtherTags }) => {
        const lines = kept.map(({ digest, heldBy }) => `  ${digest} is needed by ${heldBy.join(', ')}`);
        const naming = furtherTags === 'name-them' ? 'To purge those tags as well, name them in `image`. ' : '';
        return {
            text: [
                `shared-blobs is \`fail\`, and remaining tags of ${repository} need ${kept.length} of the image's digests:`,
                ...lines,
                `${naming}To purge only the rest, set:`,
                '  shared-blobs: keep',
            ].join('\n'),
            items: ['shared-blobs', ...kept.map(({ digest }) => contentName({ repository, digest }))],
        };
    },
};

;// CONCATENATED MODULE: ./src/report/words/list-flaw.ts
/** Puts into words why a list cannot be read to its end, to follow the list's name. */
function sayListFlaw(flaw) {
    switch (flaw.is) {
        case 'not-followed':
            return `is not followed: ${sayLinkFlaw(flaw.why)}`;
        case 'circle':
            return 'links in a circle';
        case 'no-progress':
            return 'goes on without naming anything new';
        case 'too-many-entries':
            return `has more than ${flaw.most} entries`;
        case 'too-many-pages':
            return `has more than ${flaw.most} pages`;
        case 'lacks-tags':
            return `lacks ${flaw.tag}${flaw.count > 1 ? ` and ${flaw.count - 1} more` : ''}, although it named ${flaw.count > 1 ? 'them' : 'it'} before and the registry still has ${flaw.count > 1 ? 'them' : 'it'}`;
        case 'broken-off':
            return `broke off ${flaw.times} times`;
    }
}
/** Puts into words why the link to the next page of a list is not followed. */
function sayLinkFlaw(flaw) {
    switch (flaw.is) {
        case 'not-understood':
            return 'its Link header is not understood, and may point to a next page';
        case 'unknown-relation':
            return 'its Link header has an unknown relation, and may point to a next page';
        case 'several-links':
            return 'it has several links to a next page';
        case 'of-something-else':
            return 'its link to a next page belongs to something else';
        case 'last-page-elsewhere':
            return 'it links to a last page that is not this one, and to no next page';
        case 'not-a-url':
            return 'the link to the next page is not a URL';
        case 'too-long':
            return 'the link to the next page is too long';
        case 'other-host':
            return 'the link to the next page leads to another origin';
        case 'other-scheme':
            return sayOtherScheme(flaw);
        case 'other-port':
            return `the link to the next page leads to another origin, another port than that of ${flaw.host}. The registry does not know its own address: set its external URL to it (distribution: \`http.host\`), or have the proxy in front of it send \`Host\` and \`X-Forwarded-Port\``;
        case 'no-link':
            return `it indicates that there is more (${flaw.sign}), but has no link to it`;
    }
}
function sayOtherScheme({ link, hostname }) {
    return link === 'http'
        ? 'the link to the next page leads to another origin, to plain http, although the registry is requested by https. A proxy in front of it ends TLS: have it send `X-Forwarded-Proto: https`, or set the external URL of the registry to its https address (distribution: `http.host`)'
        : `the link to the next page leads to another origin, to https, although the registry is requested by plain http. Set \`registry\` to its https address on ${hostname}, or correct the external URL of the registry`;
}

;// CONCATENATED MODULE: ./src/report/words/unread.ts

/** Puts into words why a manifest could not be read: a clause that follows a colon, in which "it" is the manifest. */
function sayUnreadManifest(why) {
    switch (why.is) {
        case 'unanswered':
            return why.message;
        case 'refused':
            return `the registry returned ${why.answered}`;
        case 'foreign':
            return `something in front of the registry, such as a proxy, a firewall or a login page, returned ${why.answered}`;
        case 'cached':
            return `the response comes out of a cache in front of the registry (${why.cache})`;
        case 'cut-off':
            return 'its body was cut off';
        case 'unusable':
            return sayManifestFlaw(why.flaw);
        case 'other-bytes':
            return `the bytes that came for ${why.named} have the digest ${why.digest}`;
        case 'other-header':
            return 'the Docker-Content-Digest header does not fit the bytes';
        case 'conversion':
            return 'the registry returned a schema 1 manifest that is a conversion of another';
        case 'too-deep':
            return `indexes are nested more than ${why.levels} levels deep, or hold more than ${why.manifests} manifests`;
    }
}
/** As `sayUnreadManifest`. @param why undefined if the registry does not know the manifest */
function sayMissing(why) {
    return why === undefined ? 'the registry does not know it' : sayUnreadManifest(why);
}
/** Puts into words why the referrers of a manifest could not be listed: a clause that follows a colon. */
function sayUnreadReferrers(why) {
    switch (why.is) {
        case 'unanswered':
            return why.message;
        case 'refused':
            return `the registry returned ${why.answered} for the list`;
        case 'cached':
            return `the list comes out of a cache (${why.cache}), also when it is requested past caches`;
        case 'flawed':
            return `the list ${sayListFlaw(why.flaw)}`;
        case 'missing':
            return `the list is missing, as if the registry had no such API${why.elsewhere ? ', although it has one for other digests' : ''}`;
        case 'too-deep':
            return `they go on for more than ${why.levels} levels`;
    }
}
/** Puts into words why the date of an image is unknown: a clause that follows a colon, in which "its" is the image's. */
function sayUnknownDate(why) {
    switch (why.is) {
        case 'unanswered':
            return why.message;
        case 'no-date':
            return 'its config has no `created`';
        case 'unread-manifest':
            return `${why.digest} could not be read${why.why === undefined ? '' : `: ${sayUnreadManifest(why.why)}`}`;
        case 'dateless-kind':
            return `${why.digest} is of a kind that has no date`;
        case 'missing-config':
        case 'refused':
            return `the registry returned ${why.answered} for the config ${why.config}`;
        case 'other-bytes':
            return `the config ${why.config} came with other bytes than its digest says`;
        case 'malformed':
            return `the config ${why.config} has no date that can be read`;
    }
}
function sayManifestFlaw(flaw) {
    switch (flaw.is) {
        case 'no-object':
            return 'it is no JSON object, so it is no manifest';
        case 'miscased-key':
            return `its key ${JSON.stringify(flaw.key)} is one of a manifest's but for its case, and clients read that differently`;
        case 'two-types':
            return 'its Content-Type header and its own mediaType contradict each other';
        case 'malformed':
            return 'it is not a well-formed manifest of its media type';
        case 'malformed-schema1':
            return 'it is a schema 1 manifest that is not well-formed';
    }
}

;// CONCATENATED MODULE: ./src/report/words/plan/naming.ts


/** How many names of one thing to say. */
const naming_SHOWN = 3;
/** @returns how content was named, such as "the manifest of acme/app:leak in `image`", to stand in brackets */
function sayNaming(by, repository) {
    const tags = (wanted) => by.flatMap((each) => each.is === wanted && 'tag' in each ? [tagName({ repository, tag: each.tag })] : []);
    const [named, selected] = [tags('tag'), tags('selected')];
    return [
        ...(named.length === 0 ? [] : [`the manifest of ${some(named, naming_SHOWN)} in \`image\``]),
        ...(selected.length === 0 ? [] : [`the manifest of ${some(selected, naming_SHOWN)}, which the cleanup selects`]),
        ...(by.some(({ is }) => is === 'digest') ? ['named in `image`'] : []),
        ...(by.some(({ is }) => is === 'blob') ? ['named in `blobs`'] : []),
    ].join('; ');
}
/** @returns in brackets, how a manifest was named, or which named image it belongs to */
function sayPart({ repository, part, }) {
    const { itself, by } = part;
    if (itself)
        return ` (${sayNaming(by, repository)})`;
    return by.length === 0 ? ' (attached to the image)' : ` (it belongs to ${sayOwners(by, repository)})`;
}
function sayOwners(by, repository) {
    const names = by.flatMap((each) => {
        if ('tag' in each)
            return [tagName({ repository, tag: each.tag })];
        return each.is === 'digest' ? [contentName({ repository, digest: each.digest })] : [];
    });
    const how = by.some(({ is }) => is === 'selected') ? ', which the cleanup selects' : ' in `image`';
    return `${some(names, naming_SHOWN)}${how}`;
}

;// CONCATENATED MODULE: ./src/report/words/plan/named.ts






/** How many tags or manifests to name. */
const named_SHOWN = 20;
/** How many tags to suggest in place of an absent one. */
const ALIKE = 3;
/** The words for what was named and cannot be purged. */
const namedWords = {
    'tag-absent': ({ listed, ...about }) => ({
        text: `${tagName(about)} does not exist. ${sayAlike(about, alike(about.tag, listed))}${listed.length === 0 ? 'The repository has no tags' : `The repository has: ${some(listed, named_SHOWN)}`}`,
        items: [tagName(about)],
    }),
    'tag-dangles': ({ scope, ...about }) => {
        const name = tagName(about);
        const way = scope === 'tag'
            ? 'Nothing can be pulled by it, but a push of the same manifest would bring it back. Delete the tag by hand'
            : `Name what it pointed to by digest (${name}@sha256:…), with its blobs in \`blobs\`. To remove the label as well, delete the tag by hand`;
        return {
            text: `${name} is listed, but the registry does not know its manifest, so the label dangles. ${way}, or on distribution 2.x remove this key from the storage, under its root:\n  ${storageKey(about)}`,
            items: [name],
        };
    },
    'tag-unreadable': ({ why, furtherTags, ...about }) => ({
        text: `${tagName(about)} (${furtherTags === 'run-again' ? 'selected by the cleanup' : 'named in `image`'}) cannot be read: ${sayUnreadManifest(why)}`,
        items: [tagName(about)],
    }),
    'tag-elsewhere': ({ digest, written, scope, ...about }) => {
        const name = tagName(about);
        const content = contentName({ ...about, digest: written });
        const way = scope === 'tag'
            ? `To remove the label whatever it points to, name it without a digest:\n  ${name}`
            : `If that digest is what leaked, name it without the tag, which then stays:\n  ${content}`;
        return { text: `${name} points to ${digest}, not to ${written}.\n${way}`, items: [name, content] };
    },
    'tag-unlisted': (about) => ({
        text: `${tagName(about)} resolves, but the registry's tag list lacks it, so the list may lack tags that must stay. Nothing can be purged safely with a list that leaves out tags`,
        items: [tagName(about)],
    }),
    'manifest-absent': (about) => ({
        text: `${contentName(about)}${sayPart(about)} is gone already, or was never a manifest here, so its blobs are unknown. To purge and prove them, name them in \`blobs\`: the log or report of an earlier run, or a scanner, has them`,
        items: [contentName(about), 'blobs'],
    }),
    'manifest-unreadable': ({ why, ...about }) => ({
        text: `${contentName(about)}${sayPart(about)} cannot be read: ${sayUnreadManifest(why)}`,
        items: [contentName(about)],
    }),
    'manifest-schema1': (about) => ({
        text: `${contentName(about)}${sayPart(about)} came as a schema 1 manifest, although the request asked for other types: it may be a conversion of what is stored. Nothing can be purged safely by it`,
        items: [contentName(about)],
    }),
    'manifest-of-unknown-kind': (about) => ({
        text: `${contentName(about)}${sayPart(about)} is a manifest of a kind that this action does not know, so it is unknown what belongs to it. Delete it by hand, with what it needs, and run again`,
        items: [contentName(about)],
    }),
    'content-of-unknown-type': (about) => ({
        text: `${contentName(about)}${sayPart(about)} lists content whose media type is neither a manifest's nor a blob's, so it is unknown what belongs to it. Delete it by hand, with what it needs, and run again`,
        items: [contentName(about)],
    }),
    'empty-blob-named': (about) => ({
        text: `${contentName(about)} (named in \`image\`) is a well-known empty blob, not a manifest, and is never deleted. Remove it from \`image\``,
        items: [contentName(about)],
    }),
    'manifest-among-blobs': (about) => ({
        text: `${contentName(about)} (named in \`blobs\`) is a manifest, not a blob. Name it in \`image\` instead`,
        items: [contentName(about), 'blobs'],
    }),
    'named-but-needed': ({ by, tags, parents, together, ...about }) => {
        const { repository } = about;
        const through = parents.map(({ kind, digest }) => `${kind} ${digest}`);
        const names = some(tags.map(({ tag }) => tag), named_SHOWN);
        const where = through.length === 0 ? '' : ` (in the ${some(through, named_SHOWN)})`;
        const needing = plural(tags.length, 'a remaining tag', `${tags.length} remaining tags`);
        const needed = `${contentName(about)} (${sayNaming(by, repository)}) is needed by ${needing}: ${names}${where}.`;
        return {
            text: [`${needed} ${wayOut(by, repository)}`, ...sayTogether(together)].join('\n'),
            items: [contentName(about), ...tags.map(({ tag }) => tagName({ repository, tag }))],
        };
    },
};
/** @param near the tags whose names are like that of an absent one */
function sayAlike({ repository, tag }, near) {
    if (near.length === 0)
        return '';
    const names = near.map((each) => tagName({ repository, tag: each }));
    const isHelm = !tag.includes('_') && near.some((each) => each.includes('_'));
    const helm = isHelm ? ' Helm stores the + of a version as _.' : '';
    return `Did you mean ${names.slice(0, ALIKE).join(' or ')}?${helm} `;
}
/** How to leave out something that a remaining tag needs. */
function wayOut(by, repository) {
    const tags = by.flatMap((each) => ('tag' in each ? [tagName({ repository, tag: each.tag })] : []));
    if (by.some(({ is }) => is === 'selected'))
        return 'Run again: then that is taken into account';
    if (tags.length > 0)
        return `With \`scope: tag\` the run would remove only the label ${tags.join(', ')} and leave behind the manifest, so it could still be pulled.`;
    const inputs = by.map(({ is }) => (is === 'blob' ? '`blobs`' : '`image`'));
    return `Leave it out of ${inputs.join(' and ')} if it may stay.`;
}

;// CONCATENATED MODULE: ./src/report/words/plan/outdated.ts


/** The words for what changed since the survey. Those for doubts can follow "since". */
const outdatedWords = {
    'tag-unreadable-now': ({ why, ...about }) => ({
        text: `${tagName(about)} cannot be read now: ${sayUnreadManifest(why)}`,
        items: [tagName(about)],
    }),
    'protected-tag-unknown-now': (about) => ({
        text: `${tagName(about)} is in protected-tags, but the registry no longer knows its manifest`,
        items: [tagName(about), 'protected-tags'],
    }),
    'needed-manifest-unreadable-now': ({ why, ...about }) => ({
        text: `a remaining tag of ${about.repository} needs ${about.digest}, which cannot be read: ${sayMissing(why)}`,
        items: [contentName(about)],
    }),
    'referrers-unclear-now': ({ repository, subject, why }) => {
        const name = contentName({ repository, digest: subject });
        return { text: `the referrers of ${name} cannot be listed: ${sayUnreadReferrers(why)}`, items: [name] };
    },
    'tag-moved': ({ digest, ...about }) => ({
        text: `${tagName(about)} points to ${digest} now: it moved after the plan was made. Run again`,
        items: [tagName(about)],
    }),
    'tag-revived': (about) => ({
        text: `${tagName(about)} did not resolve when the plan was made, but does now. Run again`,
        items: [tagName(about)],
    }),
    'counted-tag-gone': (about) => ({
        text: `${tagName(about)} was counted for keep-newest when the plan was made, and is gone now. Run again`,
        items: [tagName(about), 'keep-newest'],
    }),
    newcomer: ({ repository, name, subject = 'the image' }) => {
        const item = 'tag' in name
            ? tagName({ repository, tag: name.tag })
            : contentName({ repository, digest: name.digest });
        return {
            text: `${item} belongs to ${subject}, and was not there when the plan was made. Run again`,
            items: [item],
        };
    },
};

;// CONCATENATED MODULE: ./src/report/words/plan/remark.ts

/** The words for what the plan warns of. */
const remarkWords = {
    'repository-forgotten': ({ repository }) => ({
        text: `the registry does not know the repository ${repository}. This is right if its last tag is gone. If the name is wrong, or the user may not see it, nothing is purged: check the name`,
        items: [repository],
    }),
    'manifest-gone': (about) => ({
        text: `${contentName(about)} is gone already, so its config and layers are unknown and may still be served. If another record of the image has them, purge them with \`blobs\``,
        items: [contentName(about)],
    }),
    'remaining-tag-dangles': (about) => ({
        text: `${tagName(about)} is listed, but the registry does not know its manifest: it was broken before this run`,
        items: [tagName(about)],
    }),
    'attached-tag-deleted': ({ subject, ...about }) => ({
        text: `${tagName(about)} is deleted, although \`image\` does not name it: it points to a manifest that refers to ${subject}.\nTo keep it, add to \`protected-tags\`:\n  ${about.tag}`,
        items: [tagName(about)],
    }),
    'attached-tag-kept': (about) => ({
        text: `${tagName(about)} belongs to the image, but also serves something that stays. So it stays, and what it needs is still served`,
        items: [tagName(about)],
    }),
    'content-elsewhere': (about) => ({
        text: `${contentName(about)}: its manifest lists other locations for it (\`urls\`). It is deleted from this registry only`,
        items: [contentName(about)],
    }),
};

;// CONCATENATED MODULE: ./src/report/words/plan/run.ts

/** The words for what refuses all repositories. */
const runWords = {
    'protected-tags-match-nothing': ({ pattern }) => ({
        text: `protected-tags: ${pattern} matches no tag that stays in any repository of this run. Correct or remove the entry`,
        items: ['protected-tags'],
    }),
    'fingerprint-differs': ({ fingerprint, approved }) => ({
        text: `approve: the plan's fingerprint is ${fingerprint}, and ${approved} was approved. What was approved is no longer what would be deleted.\nRead the plan above and approve it anew:\n  approve: ${fingerprint}`,
        items: ['approve'],
    }),
    'max-deletions': ({ tags, allowed, repositories, most }) => ({
        text: `max-deletions: the plan would delete ${count(tags, 'tag')} in ${count(repositories, 'repository', 'repositories')} (most of them in ${most}), and ${allowed} are allowed.\nRead the plan above. If it is wrong, select less; if it is right, raise the limit:\n  max-deletions: ${tags}`,
        items: ['max-deletions', most],
    }),
};

;// CONCATENATED MODULE: ./src/report/words/plan/unknown.ts



/** The words for what remains or belongs to the image, and cannot be read. */
const unknownWords = {
    'remaining-tag-unreadable': (problem) => ({
        text: `${tagName(problem)} stays, but cannot be read: ${sayUnreadManifest(problem.why)}. ${remedy(problem)}`,
        items: [tagName(problem)],
    }),
    'remaining-tag-contradictory': (problem) => ({
        text: `${tagName(problem)} stays, but the registry's response cannot be true: ${sayUnreadManifest(problem.why)}`,
        items: [tagName(problem)],
    }),
    'protected-tag-dangles': (problem) => ({
        text: `${tagName(problem)} is in protected-tags, but the registry does not know its manifest. ${remedy(problem)}`,
        items: [tagName(problem), 'protected-tags'],
    }),
    'needed-manifest-unreadable': (problem) => {
        const { repository, digest, tags, why } = problem;
        const names = tags.map((tag) => tagName({ repository, tag }));
        return {
            text: `${names.join(', ')} ${plural(tags.length, 'needs', 'need')} the manifest ${digest}, which cannot be read: ${sayMissing(why)}. ${remedy(problem)}`,
            items: [contentName(problem), ...names],
        };
    },
    'remaining-referrers-unclear': (problem) => {
        const { repository, subject, why } = problem;
        const name = contentName({ repository, digest: subject });
        return {
            text: `The referrers of ${name}, which stays, cannot be listed: ${sayUnreadReferrers(why)}. ${remedy(problem)}`,
            items: [name],
        };
    },
    'attached-tag-unreadable': (problem) => ({
        text: `${tagName(problem)} belongs to the image by its name, and cannot be read: ${sayUnreadManifest(problem.why)}. It should be deleted as well, but its content is unknown. Repair it, or delete it by hand`,
        items: [tagName(problem)],
    }),
};
/** The words for unknown referrers of deleted content. */
const referrerWords = {
    'referrers-unclear': ({ repository, subject, why }) => {
        const name = contentName({ repository, digest: subject });
        return {
            text: `The referrers of ${name} should be deleted as well, but cannot be listed: ${sayUnreadReferrers(why)}`,
            items: [name],
        };
    },
    'referrer-unreadable': ({ subject, why, ...about }) => ({
        text: `${contentName(about)} refers to ${subject} and should be deleted as well, but cannot be read: ${sayUnreadManifest(why)}`,
        items: [contentName(about)],
    }),
};
function remedy({ ignoring, furtherTags }) {
    if (ignoring === 'ignored')
        return 'It is unknown what it needs, and `unreadable-tags: ignore` counts it as broken before this run';
    const naming = furtherTags === 'name-them' ? ', or name it in `image` too' : '';
    const repair = `It is unknown what it needs, so nothing can be deleted safely. Repair or delete it${naming}`;
    return ignoring === 'never' ? repair : `${repair}. Or count it as broken with \`unreadable-tags: ignore\``;
}

;// CONCATENATED MODULE: ./src/report/words/wording.ts
/** Puts a problem into the words of its union. @param say words another problem that it holds, if any can */
function wording_wordsOf(words, problem, say = holdsNone) {
    const word = words[problem.kind];
    return word(problem, say);
}
function holdsNone({ kind }) {
    throw new Error(`${kind} was not expected within another problem`);
}

;// CONCATENATED MODULE: ./src/report/words/plan.ts









/** The words for problems of the plan. */
const planWords = {
    ...runWords,
    ...namedWords,
    ...leftBehindWords,
    ...unknownWords,
    ...referrerWords,
    ...deletionWords,
    ...accessWords,
    ...outdatedWords,
    ...remarkWords,
};
/** Puts a problem of the plan into words. */
function sayPlan(problem) {
    return wording_wordsOf(planWords, problem);
}

;// CONCATENATED MODULE: ./src/report/words/flaw.ts

const WORDS = {
    served: ({ status, headersOnly, cache }) => [
        String(status),
        ...(headersOnly ? ['headers without content (a stale entry in a cache of the registry)'] : []),
        ...(cache === undefined ? [] : [`from a cache in front of the registry (${cache}): purge that cache`]),
    ].join(', '),
    redirected: () => 'the registry still knows it, although its storage has no such content',
    'proves-nothing': ({ answered }) => answered,
    'cached-absence': ({ status, cache }) => `the ${status} comes out of a cache in front of the registry (${cache}), so it says nothing about the registry: purge that cache`,
    'foreign-absence': ({ answered, never }) => `its 404 (${answered}) differs from the one for a digest that never existed (${never}): something between this runner and the registry may answer in its place`,
    'no-control': () => 'there is nothing that could serve as a control',
    'control-unanswered': ({ failure }) => `the control got no response: ${failure}`,
    'control-cached': ({ control, cache }) => `the control (${flaw_nameOf(control)}) comes out of a cache in front of the registry (${cache}), so it does not show that the registry answers`,
    'control-altered': ({ control }) => `the control (${flaw_nameOf(control)}) came with other bytes`,
    'control-refused': ({ control, answered }) => `the control (${flaw_nameOf(control)}), which must be there, gets ${answered}`,
    'control-no-list': () => 'the control (tag list) is no tag list',
    'comparison-unanswered': ({ endpoint, failure }) => `the comparison on /${endpoint}/ got no response: ${failure}`,
    'comparison-refused': ({ endpoint, answered, cache }) => `a random digest on /${endpoint}/ gets ${answered}${cache === undefined ? '' : ` out of a cache (${cache})`}, so a 404 there proves nothing`,
    altered: () => 'came with other bytes',
    'headers-only': () => 'came as headers without content',
    'cut-off': () => 'was cut off',
    'other-length': ({ length, expected }) => `has ${length} bytes, not ${expected}`,
    refused: ({ answered }) => `gets ${answered}`,
    unanswered: ({ failure }) => `gets no response: ${failure}`,
    dangled: () => 'dangled before this run: its manifest is unknown',
    removed: () => 'is gone now',
    'never-readable': ({ why }) => `could not be read before this run, and cannot be read now: ${sayUnreadManifest(why)}`,
    unreadable: ({ why }) => `could not be read at the end: ${sayUnreadManifest(why)}`,
    moved: ({ digest }) => `was moved by somebody else to ${digest}, which pulls completely`,
    'lacks-deleted': ({ digest }) => `lacks ${digest}, which this run deleted`,
    unchecked: ({ content }) => `could not be checked: ${content.digest} ${sayFlaw(content.flaw)}`,
    'lacks-read': ({ digests }) => `lacks ${digests.join(', ')}: it was there when this run began, and no DELETE of this run named it`,
    'lacks-unnamed': ({ digests }) => `lacks ${digests.join(', ')}, which this run never named: it was broken before`,
    'pushed-incomplete': ({ digests }) => `was pushed during this run and lacks ${digests.join(', ')}`,
};
/** Puts a flaw into words: a clause that follows the name of what was checked. */
function sayFlaw(flaw) {
    return WORDS[flaw.kind](flaw);
}
function flaw_nameOf(control) {
    return 'digest' in control ? `${control.kind} ${control.digest}` : control.kind;
}

;// CONCATENATED MODULE: ./src/report/words/proof.ts



/** Names that one problem shows. */
const proof_SHOWN = 5;
/** Storage keys that one problem lists. */
const proof_KEYS = 20;
const AGAIN = 'run again with the lines of the step Plan';
/** The words for problems of the proof. */
const proofWords = {
    'still-answers': ({ repository, item, flaw }) => {
        const name = itemName(repository, item);
        const how = flaw === undefined ? 'it answers again' : sayFlaw(flaw);
        return {
            text: `${name} STILL ANSWERS: ${how}. Restart the registry's replicas or flush its cache, purge caches in front of it, and ${AGAIN}`,
            items: [name],
        };
    },
    'not-proven-gone': ({ repository, item, flaw }) => {
        const name = itemName(repository, item);
        return { text: `${name} is not proven gone: ${sayFlaw(flaw)}. ${start(AGAIN)}`, items: [name] };
    },
    'too-few-rounds': ({ repository, items, control, lastFlaw }) => {
        const names = items.map((item) => itemName(repository, item));
        const last = lastFlaw === undefined ? '' : ` (the last failure: ${sayFlaw(lastFlaw)})`;
        const why = control === undefined
            ? `the time was up before enough rounds in a row were clean${last}`
            : sayFlaw(control);
        return {
            text: `${some(names, proof_SHOWN)} ${plural(names.length, 'is', 'are')} not proven gone: ${why}. ${start(AGAIN)}, with a longer \`verify-timeout\` if the time was up`,
            items: names,
        };
    },
    'served-as-manifest': ({ repository, digest, answered }) => {
        const name = digestName(repository, digest);
        return {
            text: `${name} is gone as a blob, but the registry serves it as a manifest (${answered}). Name it in \`image\` and run again`,
            items: [name],
        };
    },
    'answers-range': ({ repository, digest, answered }) => {
        const name = digestName(repository, digest);
        return {
            text: `${name} was gone, but the final ranged GET (${answered}) shows that the registry knows it again: another repository of this registry holds it, or somebody pushed it again. One more DELETE follows unless a tag needs it now. If another repository holds it, purge it there in the same run, or have the registry keep the blobs of repositories apart (zot: \`dedupe: false\`)`,
            items: [name],
        };
    },
    'final-check-unclear': ({ repository, check, digest, answered }) => {
        const name = digestName(repository, digest);
        const how = check === 'range' ? 'by a ranged GET' : 'as a manifest';
        return {
            text: `${name}: the final check ${how} failed (${answered}), so it is not proven gone. ${start(AGAIN)}`,
            items: [name],
        };
    },
    'left-for-tags': ({ repository, digest, tags }) => {
        const name = digestName(repository, digest);
        return {
            text: `${name} was kept, because ${tags.join(', ')} came to need it during this run: it is still served. Name ${plural(tags.length, 'that tag', 'those tags')} in \`image\` too, and run again`,
            items: [name, ...tags.map((tag) => proof_tagName(repository, tag))],
        };
    },
    'deleted-too-early': ({ repository, digest, tags }) => {
        const name = digestName(repository, digest);
        return {
            text: `${name} was deleted before ${tags.join(', ')} came to need it. Push that image again`,
            items: [name, ...tags.map((tag) => proof_tagName(repository, tag))],
        };
    },
    'unknown-root-answers': ({ repository, digest }) => {
        const name = digestName(repository, digest);
        return {
            text: `${name} was unknown to the registry when the plan was made and answers now, so what belongs to it is not known. Run again with this digest in \`image\``,
            items: [name],
        };
    },
    'tag-pushed-again': ({ repository, tag, digest }) => {
        const name = proof_tagName(repository, tag);
        return {
            text: `${name} points to ${digest} now: somebody pushed it again during this run, so it was kept. To purge it, name it in \`image\` and run again`,
            items: [name],
        };
    },
    'newcomer-left': ({ repository, tag, digest, subject }) => {
        const name = tag === undefined ? digestName(repository, digest) : proof_tagName(repository, tag);
        return {
            text: `${tag === undefined ? name : `${name}@${digest}`} belongs to ${subject}, which was purged, and came during this run, so it was kept. Name it in \`image\` and run again`,
            items: [name],
        };
    },
    'placeholder-stays': ({ repository, tag, placeholder }) => {
        const name = proof_tagName(repository, tag);
        return {
            text: `${name} still points to the placeholder ${placeholder}, which holds nothing. Run again to remove the label`,
            items: [name],
        };
    },
    'remaining-unchecked': ({ repository, cause }, say) => ({
        text: cause === undefined
            ? `${repository}: the tags that were to stay were not checked at the end. ${start(AGAIN)}`
            : `${repository}: the tags that were to stay could not be checked at the end: ${say(cause).text}`,
        items: [repository],
    }),
    'remaining-harmed': ({ repository, tag, flaw }) => {
        const name = proof_tagName(repository, tag);
        return {
            text: `${name}, which should have stayed, ${sayFlaw(flaw)}. ${proof_remedy(flaw)}`,
            items: [name],
        };
    },
    'remaining-not-verified': ({ repository, tags, flaw }) => ({
        text: `${repository}: ${some(tags, proof_SHOWN)} could not be verified at the end, so it is not known whether ${plural(tags.length, 'it still pulls', 'they still pull')}. ${tags[0] ?? ''} ${sayFlaw(flaw)}. Pull ${plural(tags.length, 'it', 'them')} to check, or ${AGAIN}`,
        items: tags.map((tag) => proof_tagName(repository, tag)),
    }),
    'protected-broken-before': ({ repository, tag, flaw }) => {
        const name = proof_tagName(repository, tag);
        return {
            text: `${name} is in protected-tags and does not pull: it ${sayFlaw(flaw)}`,
            items: [name],
        };
    },
    'remaining-changed': ({ repository, tag, flaw }) => {
        const name = proof_tagName(repository, tag);
        return { text: `${name} ${sayFlaw(flaw)}`, items: [name] };
    },
    'label-manifest-broken': ({ repository, digest, lacking }) => {
        const name = digestName(repository, digest);
        return {
            text: `${name}, of which only the label was to go, does not pull any more: ${lackingWords(lacking)}. Push it again under any tag if it has to stay`,
            items: [name],
        };
    },
    'label-manifest-not-verified': ({ repository, digest, lacking }) => {
        const name = digestName(repository, digest);
        return {
            text: `${name}, of which only the label was to go, could not be verified at the end, so it is not known whether it still pulls: ${lackingWords(lacking)}. Pull it by its digest to check, or ${AGAIN}`,
            items: [name],
        };
    },
    'no-blob-answers': ({ repository, content }) => ({
        text: `${repository}: not one blob of the remaining tags answers (${lackingWords([content])}), so the registry no longer answers for what it must have, and its 404s prove nothing. Check the registry, and ${AGAIN}`,
        items: [repository],
    }),
    'tags-still-listed': ({ repository, tags }) => {
        const names = tags.map((tag) => proof_tagName(repository, tag));
        const more = tags.length > proof_KEYS ? [`  … and ${tags.length - proof_KEYS} more`] : [];
        return {
            text: [
                `${some(names, proof_SHOWN)} ${plural(tags.length, 'is', 'are')} still listed, although ${plural(tags.length, 'its manifest is', 'their manifests are')} gone: ${plural(tags.length, 'the label dangles', 'the labels dangle')}, as on distribution 2.x with an object store. A push of the same manifest would bring ${plural(tags.length, 'it', 'them')} back. Remove from the storage, under its root:`,
                ...tags.slice(0, proof_KEYS).map((tag) => `  ${storageKey({ repository, tag })}`),
                ...more,
            ].join('\n'),
            items: names,
        };
    },
    'blobs-never-there': ({ repository, digests }) => {
        const one = digests.length === 1;
        return {
            text: `${count(digests.length, 'digest')} of \`blobs\` ${one ? 'was' : 'were'} not there, so nothing was deleted: ${some(digests, proof_SHOWN)}. If no earlier run deleted ${one ? 'it' : 'them'}, check the repository, and that a layer is named by the digest in its manifest, not by the DiffID in its config`,
            items: digests.map((digest) => digestName(repository, digest)),
        };
    },
    'answered-after-failures': ({ repository, checks, failures }) => ({
        text: `${count(checks, 'check')} of the proof ${plural(checks, 'was', 'were')} answered only after failures (${failures.join(', ')}). If one of several replicas fails, it was not checked: ${AGAIN} when it is back`,
        items: [repository],
    }),
};
function lackingWords(lacking) {
    return lacking.map((each) => `${each.digest} ${sayFlaw(each.flaw)}`).join(', ');
}
/** What to do about a tag that should have stayed. */
function proof_remedy({ kind }) {
    if (kind === 'unreadable')
        return 'Pull it to check it';
    return 'Push that image again';
}
function start(text) {
    return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
function itemName(repository, { kind, name }) {
    return `${repository}${kind === 'tag' ? ':' : '@'}${name}`;
}
function proof_tagName(repository, tag) {
    return itemName(repository, { kind: 'tag', name: tag });
}
function digestName(repository, digest) {
    return `${repository}@${digest}`;
}

;// CONCATENATED MODULE: ./src/report/words/read.ts





const NAME_THEM = 'Name the repositories one by one';
const OF_ARTIFACTORY = "Artifactory lists the manifests of a multi-platform image this way. Delete the image there with Artifactory's own API (DELETE /artifactory/<repository>/<image>/<tag>), and with it those of these manifests that no other image needs";
const UNCACHED = 'Switch off caching of /v2/ in front of the registry';
/** The words for what could not be read. */
const readWords = {
    'repository-unknown': ({ repository, origin, answered }) => ({
        text: `${origin} has no repository ${repository}: ${answered}. Check the name. If everything in it was pushed by digest alone, push any tag that may stay, and run again`,
        items: [repository],
    }),
    'no-permission-to-list': ({ repository, answered, right }) => ({
        text: `No permission to list the tags of ${repository} (${answered}). Give the user ${sayAll(right, repository)}`,
        items: [repository],
    }),
    'credentials-missing': ({ repository, origin, answered }) => ({
        text: `${origin} asks for credentials to list the tags of ${repository} (${answered}). Give them in \`username\` and \`password\`, or log in with docker/login-action in an earlier step`,
        items: [repository],
    }),
    'credentials-refused': ({ repository, origin, answered, source, right }) => ({
        text: `${origin} refuses the credentials from ${source} for the list of tags of ${repository} (${answered}). Correct them, or give the user ${sayAll(right, repository)}`,
        items: [repository],
    }),
    'tag-list-refused': ({ repository, answered, https, foreign }) => ({
        text: foreign
            ? `something in front of the registry, such as a proxy, a firewall or a login page, returned ${answered} for the tag list of ${repository}. Let requests to /v2/ through, and run again`
            : `the registry returned ${answered} for the tag list of ${repository}${https === undefined ? '' : `. It speaks https: write \`registry: ${https}\``}`,
        items: [repository],
    }),
    'tag-list-invalid': ({ repository }) => ({
        text: `the response for the tag list of ${repository} is not a tag list. If something in front of the registry sent it, let requests to /v2/ through, and run again`,
        items: [repository],
    }),
    'tag-list-has-other-names': ({ repository, entries, count: all, digests }) => ({
        // One line: the entries come from the wire.
        text: `the tag list of ${repository} has ${count(all, 'entry', 'entries')} that ${plural(all, 'is not a tag', 'are not tags')}: ${entries.join(', ')}${all > entries.length ? ` and ${all - entries.length} more` : ''}. What ${plural(all, 'it needs', 'they need')} is unknown, so nothing can be deleted safely. ${digests ? OF_ARTIFACTORY : 'Remove or rename such entries with the tools of the registry, and run again'}`,
        items: [repository],
    }),
    'tag-list-not-whole': ({ repository, flaw }) => ({
        text: `the tag list of ${repository} ${sayListFlaw(flaw)}`,
        items: [repository],
    }),
    'tag-list-stale': ({ repository, sign }) => ({
        text: `the tag list of ${repository} ${signWords(sign)}, also when it is requested past caches. ${UNCACHED}, and run again${danglingWords(repository, sign)}`,
        items: [repository],
    }),
    'too-many-hidden-tags': ({ repository, most }) => ({
        text: `the tag list of ${repository} hides more than ${most} tags`,
        items: [repository],
    }),
    'hidden-tags-refused': ({ repository, answered }) => ({
        text: `the registry refused the requests for tags that the list of ${repository} may hide: ${answered}`,
        items: [repository],
    }),
    'catalog-refused': ({ origin, answered }) => ({
        text: `${origin} returned ${answered} for the catalog, which a glob needs. ${NAME_THEM}, or use an account that may read the catalog`,
        items: [],
    }),
    'catalog-not-whole': ({ origin, flaw }) => ({
        text: `the catalog ${sayListFlaw(flaw)} (${origin}). ${NAME_THEM}`,
        items: [],
    }),
    'catalog-stale': ({ origin, cache }) => ({
        text: `the catalog of ${origin} comes out of a cache (${cache}), also when it is requested past caches. ${UNCACHED}, or name the repositories one by one`,
        items: [],
    }),
    'no-response': ({ message }) => ({ text: message, items: [] }),
    'globs-not-expanded': ({ input, cause }) => ({
        text: `${input}: ${causeWords(cause).text}`,
        items: [input],
    }),
    'glob-without-match': ({ input, glob, origin, listed }) => ({
        text: `${input}: ${glob} matches none of the ${listed} repositories in the catalog of ${origin}. Correct or remove the entry`,
        items: [input],
    }),
    'hidden-tags-found': ({ repository, count: found }) => ({
        text: `the tag list of ${repository} hides ${found} of its tags, which were found all the same`,
        items: [repository],
    }),
    'hidden-tags-not-searched': ({ repository, count: tags }) => ({
        text: `the tag list of ${repository} may be incomplete, as on distribution 3.1.1 with S3: after ${tags} of its tags no hidden tag was searched for. Name tags that must stay in \`protected-tags\``,
        items: [repository],
    }),
    'twin-unreadable': ({ repository, digest, answered }) => ({
        text: `${repository}@${digest} is named by sha512, and registries serve such content under a sha256 digest, too. It could not be read to find that out: ${answered}`,
        items: [`${repository}@${digest}`],
    }),
    'twin-of-other-bytes': ({ repository, digest }) => ({
        text: `${repository}@${digest} is named by sha512, and registries serve such content under a sha256 digest, too. It came with other bytes`,
        items: [`${repository}@${digest}`],
    }),
    'search-failed': ({ repository, failed, wanted, answered }) => ({
        text: `${repository} could not be searched for ${failed} of ${count(wanted, 'digest')}: ${answered}`,
        items: [repository],
    }),
    'holders-unknown': ({ repository, cause }) => ({
        text: `It is not known which tags of ${repository} hold what was found there: ${causeWords(cause).text}`,
        items: [repository],
    }),
    'holders-unreadable': ({ repository, count: tags }) => ({
        text: `${count(tags, 'tag')} of ${repository} cannot be read, and may hold it, too`,
        items: [repository],
    }),
};
/** Whoever may not list needs the right to delete as well. The challenge to a list names the actions for the list only. */
function sayAll(right, repository) {
    return right?.is === 'of-product'
        ? sayRight(right, 'delete', repository)
        : 'the actions `pull` and `delete` on it';
}
/** The words of a problem that is the cause of another. */
function causeWords(cause) {
    return readWords[cause.kind](cause);
}
/** @returns what shows that a list is stale, in words that follow the list's name */
function signWords(sign) {
    switch (sign.is) {
        case 'cached':
            return `comes out of a cache (${sign.cache})`;
        case 'names-deleted-tag':
            return `names ${sign.tag}, which this run deleted and which is gone`;
        case 'names-tag-of-deleted-manifest':
            return `names ${sign.tag}, whose manifest this run deleted and which is gone, and nothing shows that the list is up to date`;
    }
}
/** What to do if the list is up to date: distribution 2.x on an object store goes on listing some tags. */
function danglingWords(repository, sign) {
    if (sign.is !== 'names-tag-of-deleted-manifest')
        return '';
    const key = storageKey({ repository, tag: sign.tag });
    return `. If there is no cache, the label dangles, as on distribution 2.x with an object store: run again with the lines of the step Plan, and remove this key from the storage, under its root:\n  ${key}`;
}
/** Puts a problem of the survey into words. */
function sayRead(problem) {
    return wording_wordsOf(readWords, problem);
}

;// CONCATENATED MODULE: ./src/report/words/detail.ts




/** Why the next step of a DELETE was not sent. */
const STUCK = {
    'no-link': 'its response has no link to the next step',
    elsewhere: 'its link to the next step leads to something else',
    circle: 'its link to the next step leads back to an earlier one',
    'too-many': 'there were too many of them',
};
/** Puts what is known of an item besides its outcome into words, to follow a colon or to stand in brackets. */
function sayDetail(detail) {
    switch (detail.is) {
        case 'answered':
            return detail.answered;
        case 'found-gone':
            return `the response to the DELETE was ${detail.answered}; ${detail.seen ? 'it is gone now' : 'it is not there, and nothing shows that it was there before'}`;
        case 'foreign-404':
            return `${detail.answered ?? 'the DELETE was delayed'}; the 404 after it does not come from the registry itself, so something in front of it may answer in its place`;
        case 'stuck':
            return `the registry deletes it in steps (${detail.answered}), and ${STUCK[detail.why]}. Tags of the same manifest may be deleted already. Delete other tags of the repository, so that one step is enough, and run again`;
        case 'unchecked':
            return 'it could not be checked before its DELETE';
        case 'in-flight':
            return 'in flight when the run was stopped';
        case 'not-tried':
            return 'not tried';
        case 'kept':
            return `${sayBecause(detail.because)}${detail.after === undefined ? '' : `; before, it was ${detail.after}`}`;
        case 'repeated':
            return sayRepeated(detail.answers, detail.ended);
        case 'placeholder':
            return sayTrace(detail);
        case 'as-before': {
            const cause = detail.left.length === 0 ? detail.answered : detail.left.map(sayLeft).join('; ');
            return `${cause}; the tag ${detail.putBack ? 'was put back and ' : ''}points to ${detail.digest} as before`;
        }
        case 'undeletable-parts':
            return `the registry refuses an empty index, and would keep the blobs of an image without content: it returned ${detail.answered} to the probe`;
        case 'upload-failed':
            return `the upload of ${detail.digest} failed: ${detail.answered}`;
    }
}
/** Puts into words why an item is kept, to follow a colon. */
function sayBecause(because) {
    switch (because.is) {
        case 'needed':
            return `a tag needs it now: ${because.by.join(', ')}`;
        case 'moved':
            return `somebody else pushed ${because.to}, to which it points now`;
        case 'unsure':
            return sayDoubt(because.doubt);
        case 'unchecked':
            return sayRead(because.problem).text;
        case 'above-refused':
            return `the registry refuses to delete the ${because.above.kind} ${because.above.name}, so this is kept as well`;
        case 'unread-manifest':
            return `its manifest ${because.digest} could not be read by digest (${because.answered}), so it may not outlive its last tag. Run again`;
        case 'last-tag':
            return `its manifest ${because.digest} is needed by ${because.by.join(', ')}, and some registries delete a manifest with its last tag. Pushing it by its digest, which would keep it, failed (${because.answered}). ${because.right === undefined ? `Allow the user to push to ${because.repository}` : `Give the user ${sayRight(because.right, 'push', because.repository)}`} and run again`;
    }
}
/** Puts into words what a tag may point to while a placeholder takes its place. */
function sayTrace({ digest, parts, before }) {
    const named = parts.length === 0 ? digest : `${digest} (of the blobs ${parts.join(' and ')})`;
    return `it may point to the placeholder ${named}, which holds nothing; before it pointed to ${before ?? 'nothing'}`;
}
/** Puts into words that a placeholder was not deleted. */
function sayLeft({ digest, answered }) {
    return `the placeholder ${digest} could not be deleted (${answered})`;
}
function sayDoubt(doubt) {
    return sayPlan(doubt).text;
}
function sayRepeated(answers, ended) {
    const kept = ended === undefined ? '' : `kept: ${sayBecause(ended)}`;
    if (answers.length === 0)
        return kept;
    const times = `deleted again ${count(answers.length, 'time')} in a row: ${answers.join(' ')}`;
    return kept === '' ? times : `${times}; then ${kept}`;
}

;// CONCATENATED MODULE: ./src/report/words/purge.ts



/** Why the registry may refuse to delete an item, and what to do. */
const REFUSED = {
    locked: 'It is locked there (an immutable tag, a lock, a retention period or a legal hold), or deletion was switched off meanwhile. Unlock it and run again',
    referenced: 'Something that this registry does not list still refers to it, such as an untagged manifest, or it is locked. Delete that or unlock it, and run again',
    foreign: 'Something in front of the registry answered, such as a proxy or a firewall. Let it pass DELETE requests to the registry, and run again',
};
/** The words for problems of the purge. */
const purgeWords = {
    'blobs-kept': ({ repository, because }) => ({
        text: `The blobs of ${repository} were not deleted: ${sayBecause(because)}`,
        items: [repository],
    }),
    'item-kept': ({ repository, item, because }) => ({
        text: `${item.kind} ${purge_nameOf(repository, item)} was kept: ${sayBecause(because)}`,
        items: [purge_nameOf(repository, item)],
    }),
    'item-not-deleted': ({ repository, item, detail }) => ({
        text: `${item.kind} ${purge_nameOf(repository, item)} was not deleted: ${detail.is === 'answered' ? 'the registry returned ' : ''}${sayDetail(detail)}`,
        items: [purge_nameOf(repository, item)],
    }),
    'delete-refused': ({ repository, item, answered, why, below }) => ({
        text: `${item.kind} ${purge_nameOf(repository, item)} was not deleted: the registry returned ${answered}, although deletion is allowed there. ${REFUSED[why]}${below === 0 ? '' : `. Nothing below it was deleted (${count(below, 'digest')})`}`,
        items: [purge_nameOf(repository, item)],
    }),
    'delete-not-permitted': ({ repository, item, answered, right }) => ({
        text: `${item.kind} ${purge_nameOf(repository, item)} was not deleted: no permission (${answered}). The user needs ${sayRight(right, 'delete', repository)}`,
        items: [purge_nameOf(repository, item)],
    }),
    'outcome-unknown': ({ repository, item, detail }) => ({
        text: `whether ${item.kind} ${purge_nameOf(repository, item)} was deleted is not known: ${sayDetail(detail)}`,
        items: [purge_nameOf(repository, item)],
    }),
    'label-not-removed': ({ repository, item, detail }) => ({
        text: `tag ${purge_nameOf(repository, item)} was not removed: ${sayDetail(detail)}`,
        items: [purge_nameOf(repository, item)],
    }),
    'push-not-permitted': ({ repository, item, answered, right }) => ({
        text: `tag ${purge_nameOf(repository, item)} was not removed: no permission to push a placeholder, the only way on this registry (${answered}). The user needs ${right === undefined ? `the actions \`push\` and \`delete\` on ${repository}` : sayRight(right, 'push', repository)}`,
        items: [purge_nameOf(repository, item)],
    }),
    'label-on-placeholder': ({ repository, item, placeholder, before, failure }) => ({
        text: `tag ${purge_nameOf(repository, item)} may point to the placeholder ${placeholder}, which holds nothing, and could not be put back (${sayFailure(failure)}). Before, it pointed to ${before}: tag that again, or run again with the tag alone, without a digest, to remove the label`,
        items: [purge_nameOf(repository, item), `${repository}@${placeholder}`],
    }),
    'placeholder-left': ({ repository, digest, answered }) => ({
        text: `${sayLeft({ digest, answered })}; it holds nothing`,
        items: [`${repository}@${digest}`],
    }),
    'placeholder-part-left': ({ repository, digest, answered }) => ({
        text: `${repository}@${digest}, a part of the placeholder that holds nothing, was not removed again: ${answered}`,
        items: [`${repository}@${digest}`],
    }),
    'label-took-manifest': ({ repository, item, digest, pushAnswered }) => ({
        text: `When the label ${purge_nameOf(repository, item)} was deleted, this registry also deleted its manifest ${digest} and every other tag on it. No further label was removed. Push that image again${pushAnswered === undefined
            ? ", and remove such labels with the registry's own tools"
            : `. Pushing it by its digest, which would have kept it, failed (${pushAnswered}): allow the user to push to ${repository}`}`,
        items: [purge_nameOf(repository, item), `${repository}@${digest}`],
    }),
};
function purge_nameOf(repository, { kind, name }) {
    return `${repository}${kind === 'tag' ? ':' : '@'}${name}`;
}
function sayFailure(failure) {
    if (failure.is === 'moved')
        return sayBecause(failure);
    return failure.is === 'absent' ? 'it does not resolve' : failure.answered;
}

;// CONCATENATED MODULE: ./src/report/words/reason.ts


/** How many tags to name. */
const reason_TAGS = 5;
const reason_WORDS = {
    'scope-tag': () => '`scope: tag` keeps its manifest',
    'same-manifest': ({ tags }) => `${pointing(tags)} to its manifest, too`,
    'same-child': ({ tags, child }) => `${pointing(tags)} to its child ${child}, too`,
    needed: () => 'an index or image that stays needs its manifest',
    'same-config': ({ digest }) => `${digest}, which stays, is the same image by its config`,
    'date-unknown': ({ why }) => `its date is unknown${why === undefined ? '' : `: ${sayUnknownDate(why)}`}`,
    'date-meaningless': ({ at }) => `its date is ${iso(at)}, which says nothing`,
    'date-in-future': ({ at }) => `its date is ${iso(at)}, which is in the future`,
    dangling: () => 'the registry does not know its manifest: it was broken before this run',
    unreadable: ({ why }) => `it cannot be read: ${sayUnreadManifest(why)}`,
    protected: ({ pattern }) => `protected-tags: ${pattern}`,
    'among-newest': ({ place, keepNewest }) => `number ${place} of the newest, and keep-newest is ${keepNewest}`,
    'too-young': ({ age, olderThan }) => `created ${span(age)} ago, and older-than is ${span(olderThan)}`,
    'content-unknown': ({ image, doubt }) => `it is unknown what belongs to it: ${reason_sayDoubt(doubt, image)}`,
    'label-not-removable': ({ label, answered }) => `${sayReason(label)}, and this registry cannot remove a label alone (${answered})`,
};
const DOUBTS = {
    schema1: (_, name) => `${name} is a schema 1 manifest`,
    'unknown-kind': (_, name) => `${name} is a manifest of a kind that this action does not know`,
    'unknown-media-type': (_, name) => `${name} lists content of a media type that this action does not know`,
    'manifest-unreadable': ({ digest, why }) => `${digest} cannot be read: ${sayUnreadManifest(why)}`,
    'referrers-unclear': ({ digest, why }) => `the referrers of ${digest} cannot be listed: ${sayUnreadReferrers(why)}`,
    'attached-tag-unreadable': ({ tag, why }) => `${tag}, which belongs to it by its name, cannot be read: ${sayUnreadManifest(why)}`,
};
/** Puts a reason into words that follow "since" or a colon. */
function sayReason(reason) {
    return reason_WORDS[reason.kind](reason);
}
function reason_sayDoubt(doubt, image) {
    const name = 'digest' in doubt && doubt.digest !== image ? doubt.digest : 'it';
    return DOUBTS[doubt.kind](doubt, name);
}
function pointing(tags) {
    return `${some(tags, reason_TAGS)} ${plural(tags.length, 'points', 'point')}`;
}
function iso(ms) {
    return new Date(ms).toISOString();
}

;// CONCATENATED MODULE: ./src/report/words/run.ts


/** Tags that a line names. */
const HOLDERS = 8;
/** The words for problems of the run as a whole. */
const run_runWords = {
    input: ({ input, text }) => ({ text, items: [input] }),
    'certificate-not-checked': ({ origin }) => ({
        text: `tls-verify is false: whoever is between this runner and ${origin} can read the password and fake every response. Give the authority in \`ca-certificate\` instead`,
        items: ['tls-verify'],
    }),
    'proxy-not-used': ({ name, why, scheme, instead }) => {
        const because = {
            'no-scheme': 'has no scheme',
            scheme: `names a proxy of another kind (${scheme}://)`,
            'not-read': 'is not read by this action',
        }[why];
        return {
            text: `${name} ${because}, so no proxy is used: requests to the registry go to it directly. For a proxy, set ${instead} to http://host:port or https://host:port; else add the registry's host to NO_PROXY`,
            items: [name],
        };
    },
    credentials: ({ why }) => ({ text: why, items: [] }),
    'report-file': ({ code }) => ({
        text: `report-file: the report cannot be written (${code}). Name a path in a folder that this job may write to`,
        items: ['report-file'],
    }),
    cancelled: () => ({
        text: 'The run was cancelled. The report says what had been done. Run again to finish it',
        items: [],
    }),
    timeout: ({ limit, failures }) => ({
        text: `timeout: the run took longer than ${limit} and was stopped. ${failures === undefined ? '' : `${count(failures.attempts, 'request')} failed meanwhile, the last one: ${failures.last}. `}Run again with a longer \`timeout\`; what is gone already is proven again`,
        items: ['timeout'],
    }),
    defect: ({ error }) => ({
        text: `registry-purge has a defect: ${error}. Please report it, with the log`,
        items: [],
    }),
    'log-lost': ({ code }) => ({
        text: `The log of this run is not complete: it could not be written (${code})`,
        items: [],
    }),
    'registry-stopped-responding': ({ repository }) => ({
        text: `${repository} was not surveyed: the registry stopped responding`,
        items: [repository],
    }),
    'listed-repository-unknown': ({ about }, say) => {
        const { text, items } = say(about);
        return { text: `repositories: ${text}`, items: ['repositories', ...items] };
    },
    'selection-unread': ({ repository, unread }) => ({
        text: `${repository}: nothing could be selected, because requests for ${count(unread.length, 'matching tag')} failed. ${firstUnread(unread)}`,
        items: [repository],
    }),
    'tags-unread': ({ repository, unread }) => ({
        text: `${repository}: ${count(unread.length, 'matching tag')} ${plural(unread.length, 'stays', 'stay')} only because requests failed. ${firstUnread(unread)}`,
        items: [repository],
    }),
    'glob-matches-nothing': ({ glob, belonging }) => ({
        text: `tags: ${glob} matches no tag in any repository of this run${belonging ? ' except tags that belong to an image by their names: they are deleted or kept with it' : ''}`,
        items: ['tags'],
    }),
    exposed: (problem) => ({
        text: exposedText(problem),
        items: [...new Set(problem.found.map(({ repository, digest }) => `${repository}@${digest}`))],
    }),
    'on-exposure': ({ about }, say) => {
        const { text, items } = say(about);
        return { text: `on-exposure is \`fail\`: ${text}`, items };
    },
    'not-searched': ({ glob, about }, say) => ({
        text: `search-repositories: ${glob} was not searched: ${say(about).text}`,
        items: ['search-repositories'],
    }),
    'searched-glob-matches-nothing': ({ glob }) => ({
        text: `search-repositories: ${glob} matches no repository, so nothing was searched for it`,
        items: ['search-repositories'],
    }),
    'searched-repository-unlisted': ({ repository, why, answered }) => ({
        text: `search-repositories: the tags of ${repository} cannot be listed${answered ? ` (${why})` : `: ${why}`}. If that name is misspelt, nothing was searched for it`,
        items: [repository],
    }),
};
function firstUnread([first]) {
    return first === undefined ? '' : `${first.tag}: ${sayReason(first.because)}`;
}
/** What is served elsewhere, and lines for a next run that purge what this one purges. */
function exposedText({ repository, found, kept }) {
    const isKept = new Set(kept);
    const lines = found.map(({ repository: place, digest, heldBy }) => {
        const holders = heldBy.length === 0
            ? 'no tag that could be read'
            : some(heldBy.map(({ tag }) => tag), HOLDERS);
        return `  ${place}@${digest}, held by ${holders}${isKept.has(digest) ? ' (kept here as well)' : ''}`;
    });
    const digests = new Set(found.map(({ digest }) => digest)).size;
    return [
        `EXPOSED: other repositories serve ${count(digests, 'digest')} that ${plural(digests, 'belongs', 'belong')} to what is purged in ${repository}:`,
        ...lines,
        ...nextRun(found.filter(({ digest }) => !isKept.has(digest))),
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
        'To purge what holds them there, start another run with these lines. Read its dry run first: it deletes whole images.',
        ...(images.size > 0 ? ['image: |', ...[...images].map((line) => `  ${line}`)] : []),
        ...(blobs.size > 0 ? ['blobs: |', ...[...blobs].map((line) => `  ${line}`)] : []),
    ];
}

;// CONCATENATED MODULE: ./src/report/words/problem.ts






const problem_WORDS = { ...readWords, ...planWords, ...purgeWords, ...proofWords, ...run_runWords };
/** Every kind of problem that a report can hold. */
const PROBLEM_KINDS = Object.keys(problem_WORDS);
/** Puts a problem, or a warning, into words. */
function say(problem) {
    return wording_wordsOf(problem_WORDS, problem, say);
}

;// CONCATENATED MODULE: ./src/flow/ask/listing.ts



/** How many tags the log names. */
const listing_SHOWN = 50;
/** @returns the surveyor for one repository */
function surveyorOf(repository, settings, tools) {
    const { scope, protectedNames } = settings;
    return new Surveyor(tools, repository, { labels: scope === 'tag', protectedNames });
}
/** Lists the tags of a repository, as a step of its own. @throws ListError, WireError, Stopped */
async function listing_list(surveyor, repository, steps) {
    steps.begin(repository, 'List tags');
    const listed = await surveyor.list();
    steps.note(listed.length === 0 ? 'no tags' : some(listed, listing_SHOWN));
    for (const remark of surveyor.remarks)
        steps.note(say(remark).text);
    steps.end(repository, 'List tags', `${repository} has ${count(listed.length, 'tag')}`);
    return listed;
}
/** @returns the results of the probes for deletion, in words */
function deletionInWords({ manifestDeletion, blobDeletion, untagging }) {
    if (untagging !== undefined)
        return `removal of a label is ${untagging.is}`;
    return `deletion of manifests is ${manifestDeletion.is}, of blobs ${blobDeletion.is}`;
}

;// CONCATENATED MODULE: ./src/flow/ask/select.ts








/**
 * Surveys one repository, and selects tags in it. Probes whether the registry can delete only if a tag is selected.
 *
 * @throws Stopped, and defects
 */
async function selectIn(repository, { settings, wanted, rules }, tools) {
    const { steps, clock } = tools;
    const from = clock.now();
    const surveyor = surveyorOf(repository, settings, tools);
    try {
        const listed = await listing_list(surveyor, repository, steps);
        steps.begin(repository, 'Resolve');
        const facts = await surveyor.read(listed);
        const chosen = await chooseIn(facts, surveyor, wanted, rules);
        const { choice, survey } = await completed(chosen, facts, surveyor);
        const read = `${count(facts.tags.size, 'tag')} on ${count(facts.manifests.size, 'manifest')} read`;
        const deletion = survey === undefined ? '' : `; ${deletionInWords(survey)}`;
        steps.end(repository, 'Resolve', `${read}, ${choice.tags.length} selected${deletion}`);
        const unread = unreadIn(choice, choice.tags.length, rules.unreadableTags === 'ignore');
        const known = existing(listed, facts);
        if (unread?.all === true)
            return { is: 'failed', problem: problemWith(repository, unread), silent: false, listed: known };
        const more = unread === undefined ? {} : { warning: problemWith(repository, unread) };
        if (survey === undefined)
            return { is: 'idle', selection: choice, listed: known, ...more };
        const surveyed = { from, to: clock.now() };
        return {
            is: 'case',
            case: { surveyor, survey, target: targetOf(choice), selection: choice, surveyed },
            listed,
            ...more,
        };
    }
    catch (error) {
        steps.close();
        if (error instanceof UnknownRepository)
            return { is: 'absent', problem: error.problem, selection: nothing(wanted) };
        if (error instanceof ListError)
            return { is: 'failed', problem: error.problem, silent: false };
        if (!(error instanceof WireError))
            throw error;
        const silent = error.failure === 'network' || error.failure === 'timeout';
        return { is: 'failed', problem: problemOf(error), silent };
    }
}
function problemWith(repository, { all, tags }) {
    return { kind: all ? 'selection-unread' : 'tags-unread', repository, unread: tags };
}
function nothing({ asOf }) {
    return { asOf, unselected: [], counted: [], created: new Map(), sizes: new Map() };
}
/** The listed tags, and those in `protected-tags` that exist without being listed. */
function existing(listed, { tags }) {
    const resolved = [...tags].flatMap(([tag, { is }]) => (is === 'resolved' ? [tag] : []));
    return [...new Set([...listed, ...resolved])];
}
async function chooseIn(facts, surveyor, wanted, rules) {
    const matched = match(facts, { ...wanted, protectedTags: rules.protectedTags });
    const undated = needsDates(wanted) ? dated(matched.images.values(), wanted) : new Set();
    const created = await surveyor.created(undated, facts);
    return choose(facts, matched, created, { ...wanted, rules });
}
/** @returns the part of the choice that the registry can carry out, and a survey unless that part is empty */
async function completed(choice, facts, surveyor) {
    if (choice.tags.length === 0)
        return { choice };
    const labels = choice.tags.some(({ onlyLabel }) => onlyLabel !== undefined);
    const survey = await surveyor.complete(facts, targetOf(choice), labels);
    const { untagging, manifestDeletion, blobDeletion } = survey;
    // If deletion is off, report only that, and not the problem with labels.
    const deletes = manifestDeletion.is === 'on' && blobDeletion.is === 'on';
    if (!labels || !deletes || untagging?.is !== 'impossible')
        return { choice, survey };
    const rest = withoutLabels(choice, facts, untagging.deletion.answered);
    if (rest.tags.length === 0)
        return { choice: rest };
    const { untagging: _, ...without } = survey;
    return { choice: rest, survey: without };
}

;// CONCATENATED MODULE: ./src/flow/ask/cleanup.ts





/** Give up after this many consecutive repositories without a response. */
const cleanup_SILENT = 3;
/** Repositories to survey in parallel, since a small one has only a few requests. */
const IN_PARALLEL = 4;
/**
 * A cleanup: the user described tags by patterns, age and number. If one repository is refused or fails, the others
 * still run.
 *
 * @throws Stopped, and defects
 */
async function askCleanup(wanted, settings, tools, journal) {
    const { client, progress } = tools;
    const rules = { ...rulesOf(settings, SELECTED), maxDeletions: wanted.maxDeletions };
    const { repositories, named, problems } = await resolveRepositories(wanted.repositories, client);
    if (problems.length > 0)
        return { parts: [], idle: [], rules, problems };
    journal.expect(repositories.length);
    let silent = 0;
    const one = async (repository) => {
        if (silent >= cleanup_SILENT)
            return { is: 'failed', problem: { kind: 'registry-stopped-responding', repository }, silent: true };
        const { steps, done } = journal.beside();
        try {
            const selected = await selectIn(repository, { settings, wanted, rules }, { ...tools, steps });
            silent = selected.is === 'failed' && selected.silent ? silent + 1 : 0;
            return selected;
        }
        finally {
            done();
        }
    };
    const selected = await counted(progress, 'repositories surveyed', repositories, IN_PARALLEL, one);
    const found = sorted(repositories, selected, named);
    if (found.problems.length === 0)
        warnOfUnmatched(wanted, found.listed, journal);
    for (const each of selected)
        if ('warning' in each)
            journal.warn(each.warning);
    return { parts: found.parts, idle: found.idle, problems: found.problems, rules };
}
/** @param named the repositories that were named without a glob. These must exist */
function sorted(repositories, selected, named) {
    const all = { parts: [], listed: [], idle: [], problems: [] };
    const failed = [];
    for (const [at, repository] of repositories.entries()) {
        const each = selected[at];
        if (each === undefined)
            continue;
        if (each.is === 'case') {
            all.listed.push(each.listed);
            all.parts.push(each.case);
        }
        else if (each.is === 'idle') {
            all.listed.push(each.listed);
            all.idle.push(each.listed);
            all.parts.push({ is: 'idle', repository, selection: each.selection });
        }
        else if (each.is === 'failed') {
            if (each.listed !== undefined) {
                all.listed.push(each.listed);
                all.idle.push(each.listed);
            }
            failed.push(each.problem);
            all.parts.push({ is: 'failed', repository, problem: each.problem });
        }
        else if (named.has(repository))
            all.problems.push({ kind: 'listed-repository-unknown', about: each.problem });
        // A catalog may still list a repository whose tags were all deleted.
        else
            all.parts.push({ is: 'idle', repository, selection: each.selection });
    }
    if (all.problems.length > 0)
        all.problems.push(...failed);
    return all;
}
function warnOfUnmatched({ globs, except }, listed, journal) {
    for (const glob of unmatched([...globs, ...except], listed)) {
        const belonging = listed.some((tags) => tags.some((tag) => glob.matches(tag)));
        journal.warn({ kind: 'glob-matches-nothing', glob: glob.text, belonging });
    }
}

;// CONCATENATED MODULE: ./src/flow/ask/incident.ts




/**
 * An incident: the user named the images to purge. Every repository is surveyed before the first write in any of them. If
 * one is refused, all are.
 *
 * @throws Stopped, and WireError if the registry does not respond at all
 */
async function askIncident({ named }, settings, tools, journal) {
    journal.expect(named.length);
    const parts = [];
    const problems = [];
    for (const each of named) {
        try {
            parts.push(await survey(each, settings, tools, journal));
        }
        catch (error) {
            journal.close();
            if (!(error instanceof ListError))
                throw error;
            problems.push(error.problem);
        }
    }
    return { parts, problems, idle: [], rules: rulesOf(settings, NAMED) };
}
/** @throws ListError, WireError, Stopped */
async function survey(named, settings, tools, steps) {
    const { repository } = named;
    const from = tools.clock.now();
    const surveyor = surveyorOf(repository, settings, tools);
    const listed = await listKnown(surveyor, named, tools, steps);
    steps.begin(repository, 'Resolve');
    const read = await surveyor.survey(listed ?? [], named);
    const facts = listed === undefined ? { ...read, forgotten: true } : read;
    for (const { tag } of named.tags) {
        const state = facts.tags.get(tag);
        const what = state?.is === 'resolved' ? `→ ${state.digest}` : 'does not resolve';
        steps.note(`${repository}:${tag} ${what}`);
    }
    const done = `${count(facts.tags.size, 'tag')} on ${count(facts.manifests.size, 'manifest')} read`;
    steps.end(repository, 'Resolve', `${done}; ${deletionInWords(facts)}`);
    return { surveyor, survey: facts, target: named, surveyed: { from, to: tools.clock.now() } };
}
/** @returns undefined if the registry does not know the repository, and every tag was named with its digest */
async function listKnown(surveyor, { repository, tags }, { capabilities }, steps) {
    try {
        return await listing_list(surveyor, repository, steps);
    }
    catch (error) {
        const pinned = tags.every(({ digest }) => digest !== undefined);
        if (!(error instanceof UnknownRepository) || !pinned)
            throw error;
        // A gateway that hides the list would hide every tag that stays.
        if (error.perhaps && !(await capabilities.saysNotFound(repository)))
            throw error;
        steps.end(repository, 'List tags', `the registry does not know ${repository}, so it has no tags`);
        return undefined;
    }
}

;// CONCATENATED MODULE: ./src/flow/ask/ask.ts


/**
 * Surveys the repositories of a run, and finds the items to delete in each. Only here does the code differ for an incident
 * and a cleanup. From here on, only the data in the cases and the rules differ.
 *
 * @throws Stopped, and WireError if the registry does not respond at all
 */
function ask(settings, tools, journal) {
    return settings.ask.is === 'incident'
        ? askIncident(settings.ask, settings, tools, journal)
        : askCleanup(settings.ask, settings, tools, journal);
}

;// CONCATENATED MODULE: ./src/proof/replicas.ts
/** The lowest share of stale responses to assume for a stale replica. */
const LEAST_SHARE = 1 / 8;
/** The lowest number of responses for which a share means anything. */
const FEW = 8;
/** The accepted probability that a stale replica escapes all rounds. */
const RISK = 0.001;
/**
 * @param stale how many responses still served an item that was gone according to other responses
 * @param all how many responses there were for the same digests
 * @returns the number of rounds in a row that a stale replica escapes with a probability below one in a thousand, if it sends
 *   this share of the responses, or at least one in eight. At most 52
 */
function roundsAgainst(stale, all) {
    const share = Math.max(stale / Math.max(all, 1), LEAST_SHARE);
    return share >= 1 ? 1 : Math.ceil(Math.log(RISK) / Math.log(1 - share));
}
/**
 * Counts signs of replicas that differ. A new connection does not always reach another replica: behind a random balancer
 * one stale replica of three escapes five rounds in one run of seven.
 */
class Replicas {
    #all = 0;
    #stale = 0;
    #rounds = 1;
    #least = 1;
    /** The number of clean rounds in a row that a proof needs, by the stale responses so far. */
    get rounds() {
        return Math.max(this.#rounds, this.#least);
    }
    /**
     * Adds a round. Computes the share over all digests. Over the stale digests alone the share would be too large, and the
     * number of rounds too small.
     *
     * @param counts whether a response that serves an item counts as stale. It does not if the item was never deleted there
     */
    add({ responses }, counts) {
        const before = this.#stale;
        for (const [item, { all, present }] of responses) {
            this.#all += all;
            if (present > 0 && counts(item))
                this.#stale += present;
        }
        if (this.#stale > before)
            this.#rounds = Math.max(2, roundsAgainst(this.#stale, Math.max(FEW, this.#all)));
    }
    /** Notes that content that had just been read was unknown a moment later, although no DELETE of this run named it. */
    noteDifference() {
        this.#least = roundsAgainst(1, 2);
    }
}

;// CONCATENATED MODULE: ./src/flow/prove/order.ts
/**
 * Proves repositories that were purged and whose remaining tags were checked. Some registries bring a digest back when it
 * is read in another repository. So if the proof of one repository reads or deletes something, it restarts the proof of
 * every other repository that shares a digest with it. The final checks come when every repository is proven.
 *
 * @throws Stopped
 */
async function proveInOrder(all) {
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
        await each.checkAsManifests();
    const back = [];
    for (const each of proven) {
        const digests = await each.checkByRange();
        back.push(() => each.deleteOnceMore(digests));
    }
    for (const deleteAgain of back)
        await deleteAgain();
}
function firstOpen(all) {
    return all.find((each) => each.open);
}
/** Whether two repositories share a digest that one of them purges. The other may purge it as well, or keep it. */
function touches(other, { purge }) {
    const purged = new Set([...purge.plan.manifests, ...purge.plan.blobs].map(({ digest }) => digest));
    const { plan, facts } = other.purge;
    for (const digest of plan.image)
        if (purged.has(digest))
            return true;
    for (const { digest, blobs } of facts.manifests.values())
        if (purged.has(digest) || blobs.some((blob) => purged.has(blob.digest)))
            return true;
    return false;
}

;// CONCATENATED MODULE: ./src/proof/remaining/content.ts





/** Reads and hashes a manifest. @throws Stopped */
function checkManifest(client, repository, digest) {
    return twice((fresh) => client.manifest(repository, digest, { purpose: 'read-manifest', fresh }), ({ body }) => (matches(digest, hashedBytes(body) ?? body) ? undefined : { kind: 'altered' }));
}
/** Checks a blob by HEAD, or by GET if its bytes must arrive or a HEAD could bring it back. @throws Stopped */
async function content_checkBlob(client, repository, { blob, bytes, sensitive }) {
    const reading = (fresh) => ({ purpose: 'check-blob', fresh });
    const get = () => twice((fresh) => client.blob(repository, blob.digest, { ...reading(fresh), firstBytes: bytes }), (response) => flawOfBytes(blob, response));
    let content;
    if (sensitive || bytes)
        content = await get();
    else {
        content = await twice((fresh) => client.blobHead(repository, blob.digest, reading(fresh)), (response) => flawOfLength(blob, response));
        // Some storage behind a redirect accepts only GET, and some registries send no length here.
        if (content.is !== 'there')
            content = await get();
    }
    return blob.foreign && content.is === 'missing' && content.gone ? { is: 'there' } : content;
}
function flawOfBytes(blob, response) {
    if (response.ended === true || matches(blob.digest, response.body))
        return flawOfLength(blob, response);
    return { kind: response.body.length === 0 ? 'headers-only' : 'altered' };
}
function flawOfLength({ size }, { headers }) {
    const length = headers.get('content-length');
    if (size === undefined || length === undefined || Number(length) === size)
        return undefined;
    return { kind: 'other-length', length: Number(length), expected: size };
}
/** Sends a request, and if the content is missing sends it again on a new connection. */
async function twice(send, flawOf) {
    let content = { is: 'there' };
    for (const fresh of [false, true]) {
        const response = await attempt(send(fresh));
        if (response instanceof WireError)
            return { is: 'unclear', flaw: { kind: 'unanswered', failure: response.message } };
        if (response.status === 200) {
            const cut = response.body.length === 0 ? 'headers-only' : 'cut-off';
            const flaw = response.cut ? { kind: cut } : flawOf(response);
            if (flaw === undefined)
                return { is: 'there' };
            content = { is: 'missing', flaw, gone: false };
            continue;
        }
        const flaw = { kind: 'refused', answered: describeSource(response) };
        if (!isGone(response))
            return { is: 'unclear', flaw };
        content = { is: 'missing', flaw, gone: true };
    }
    return content;
}

;// CONCATENATED MODULE: ./src/proof/remaining/judge.ts
/** @returns every tag that was to be kept, is new, or moved, sorted by name */
function judgeTags(evidence) {
    const { plan, facts, placeholders } = evidence;
    const purged = new Map(plan.tags.map(({ tag, digest }) => [tag, digest]));
    const before = new Map(plan.remaining.map((each) => [each.tag, each]));
    const remaining = [];
    for (const tag of [...new Set([...before.keys(), ...facts.tags.keys()])].sort()) {
        const known = before.get(tag);
        const state = facts.tags.get(tag);
        const resolved = state?.is === 'resolved' ? state.digest : undefined;
        const isPurged = purged.has(tag);
        if (isPurged && (resolved === undefined || resolved === purged.get(tag) || placeholders.has(resolved)))
            continue;
        if (known === undefined && (state === undefined || state.is === 'unknown'))
            continue;
        const digest = resolved ?? known?.digest;
        remaining.push({
            tag,
            protected: known?.protected ?? false,
            ...(digest !== undefined && { digest }),
            ...(resolved === undefined
                ? judgeUnresolved(evidence, tag, known)
                : judgeResolved(evidence, resolved, known, isPurged)),
        });
    }
    return remaining;
}
function judgeUnresolved({ plan, facts }, tag, known) {
    const state = facts.tags.get(tag);
    if (state === undefined || state.is === 'unknown' || state.is === 'resolved') {
        if (known?.digest === undefined)
            return { verdict: 'broken-before', flaw: { kind: 'dangled' } };
        return { verdict: 'removed', flaw: { kind: 'removed' } };
    }
    const { why } = state;
    if (state.is === 'unreadable' && plan.ignored.has(tag))
        return { verdict: 'broken-before', flaw: { kind: 'never-readable', why } };
    const isUnknown = state.is === 'unreadable' && judge_isFailedRead(why);
    return { verdict: isUnknown ? 'unchecked' : 'broken', flaw: { kind: 'unreadable', why } };
}
/** @returns whether a request failed, so that nothing is known of the manifest */
function judge_isFailedRead({ is }) {
    return is === 'unanswered' || is === 'refused' || is === 'cached';
}
function judgeResolved({ plan, facts, touched, needs, contents }, digest, known, isPurged) {
    const same = known?.digest === digest;
    const lacking = lackingOf(needs.get(digest), contents);
    if (lacking.length === 0) {
        const expected = same || (known === undefined && !isPurged);
        return expected ? { verdict: 'intact' } : { verdict: 'moved', flaw: { kind: 'moved', digest } };
    }
    const isA = (is) => (each) => contents.get(each.digest)?.is === is;
    const missing = lacking.filter(isA('missing')).map((each) => each.digest);
    const deleted = missing.find((each) => touched.has(each));
    if (deleted !== undefined)
        return broken({ kind: 'lacks-deleted', digest: deleted });
    // A manifest that was readable at the start counts as broken, not as broken before.
    if (same && missing.some((each) => facts.manifests.has(each)))
        return broken({ kind: 'lacks-read', digests: missing });
    const unclear = lacking.filter(isA('unclear')).find((each) => !plan.ignored.has(each.digest));
    if (unclear !== undefined && (same || missing.length === 0))
        return { verdict: 'unchecked', flaw: { kind: 'unchecked', content: unclear } };
    const digests = lacking.map((each) => each.digest);
    if (!same)
        return broken({ kind: 'pushed-incomplete', digests });
    return { verdict: 'broken-before', flaw: { kind: 'lacks-unnamed', digests } };
}
function broken(flaw) {
    return { verdict: 'broken', flaw };
}
/** @returns the needed content that may be missing */
function lackingOf(needs, contents) {
    if (needs === undefined)
        return [];
    return [...needs.manifests, ...needs.blobs.keys()].flatMap((digest) => lackingIn(digest, contents));
}
/** @returns this content if it may be missing */
function lackingIn(digest, contents) {
    const content = contents.get(digest);
    return content === undefined || content.is === 'there' ? [] : [{ digest, flaw: content.flaw }];
}

;// CONCATENATED MODULE: ./src/proof/remaining/needs.ts

/**
 * Finds everything that must exist at the end.
 *
 * @param facts every tag as it is now
 * @param sensitive every digest of the purged images, in any repository
 */
function requiredBy(plan, facts, sensitive) {
    const roots = new Set([...facts.tags.values()].flatMap((state) => (state.is === 'resolved' ? [state.digest] : [])));
    const labelled = new Set(labelsOf(plan.tags).map(({ digest }) => digest));
    const manifests = new Set([...labelled].filter((digest) => !roots.has(digest)));
    for (const digest of labelled)
        roots.add(digest);
    const plain = namedPlainly(plan, facts);
    const needs = new Map();
    const blobs = new Map();
    for (const root of roots) {
        const below = needsOf(root, facts);
        needs.set(root, below);
        for (const digest of below.manifests)
            if (!roots.has(digest))
                manifests.add(digest);
        for (const [digest, blob] of below.blobs) {
            const bytes = plain.has(root) || blobs.get(digest)?.bytes === true;
            blobs.set(digest, { blob, bytes, sensitive: sensitive.has(digest) });
        }
    }
    return { needs, labelled, manifests, blobs };
}
/** Leaves out digests that are only written in a manifest of unknown kind: a pull does not fetch them. */
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
/** The manifests of tags that `protected-tags` names without a glob. */
function namedPlainly(plan, facts) {
    const tags = plan.remaining.filter((each) => each.namedPlainly === true);
    return new Set(tags.flatMap(({ tag }) => {
        const state = facts.tags.get(tag);
        return state?.is === 'resolved' ? [state.digest] : [];
    }));
}

;// CONCATENATED MODULE: ./src/proof/remaining/check.ts




/**
 * Checks every remaining tag down to its last blob. Manifests are fetched and hashed. Blobs of the purged image, and
 * those of tags that `protected-tags` names without a glob, are fetched by plain GET. The others are not in any write of
 * this run, and are checked by HEAD (safety rule 8). With a cached descriptor a registry may return 200 to a HEAD although
 * the bytes are gone. So for tags named without a glob, the first bytes of each blob must arrive.
 *
 * A missing blob that is not in any DELETE of this run was missing before, so the survey need not read remaining blobs.
 *
 * @throws Stopped
 */
async function checkRemaining(tools, purge) {
    const { plan, facts, touched, placeholders } = purge;
    const required = requiredBy(plan, facts, purge.sensitive);
    const contents = await contentsOf(tools, plan, required);
    const remaining = judgeTags({ plan, facts, touched, placeholders, needs: required.needs, contents });
    const problems = general(plan, required, contents);
    const warnings = [];
    for (const each of remaining) {
        const { tag, verdict, flaw } = each;
        if (flaw === undefined)
            continue;
        const about = { repository: plan.repository, tag, flaw };
        // All of these together have one problem: they usually have one cause.
        if (verdict === 'unchecked')
            continue;
        if (verdict === 'broken' || verdict === 'removed')
            problems.push({ kind: 'remaining-harmed', ...about });
        else if (verdict === 'broken-before' && each.protected)
            problems.push({ kind: 'protected-broken-before', ...about });
        else
            warnings.push({ kind: 'remaining-changed', ...about });
    }
    problems.push(...notVerified(plan, remaining));
    return { remaining, problems, warnings };
}
function notVerified({ repository }, remaining) {
    const unchecked = remaining.filter(({ verdict }) => verdict === 'unchecked');
    const flaw = unchecked[0]?.flaw;
    if (flaw === undefined)
        return [];
    return [{ kind: 'remaining-not-verified', repository, tags: unchecked.map(({ tag }) => tag), flaw }];
}
async function contentsOf({ client, width, progress }, { repository }, { manifests, blobs }) {
    const contents = new Map();
    await counted(progress, 'manifests checked', [...manifests], width, async (digest) => {
        contents.set(digest, await checkManifest(client, repository, digest));
    });
    await counted(progress, 'blobs checked', [...blobs], width, async ([digest, check]) => {
        contents.set(digest, await content_checkBlob(client, repository, check));
    });
    return contents;
}
/** Finds problems that do not concern a single remaining tag. */
function general({ repository }, { needs, labelled, blobs }, contents) {
    const problems = [];
    const own = [...blobs.values()].filter(({ blob }) => !blob.foreign).map(({ blob }) => blob.digest);
    const [content, ...others] = own.flatMap((digest) => lackingIn(digest, contents));
    if (content !== undefined && 1 + others.length === own.length)
        problems.push({ kind: 'no-blob-answers', repository, content });
    for (const digest of labelled) {
        const lacking = lackingOf(needs.get(digest), contents);
        if (lacking.length === 0)
            continue;
        const isBroken = lacking.some((each) => contents.get(each.digest)?.is === 'missing');
        const kind = isBroken ? 'label-manifest-broken' : 'label-manifest-not-verified';
        problems.push({ kind, repository, digest, lacking });
    }
    return problems;
}

;// CONCATENATED MODULE: ./src/registry/dialects/gitlab.ts


/** GitLab's own endpoint. GitLab had it before it supported the endpoint of the specification. */
const gitlab = {
    name: 'gitlab',
    title: "GitLab's endpoint for tags",
    remove: (client, repository, name, deleting) => client.delete(repository, `tags/reference/${name}`, deleting),
    // Most registries do not have it, and their responses differ. A gateway may say NOT_FOUND, too.
    recognise: (response) => meaningOf('probe-tag', response) !== 'unsupported' &&
        (![404, 405, 501].includes(response.status) || hasCode(response, (code) => code.endsWith('_UNKNOWN'))),
};

;// CONCATENATED MODULE: ./src/registry/dialects/serverless-registry.ts


const serverless_registry_CODE = 'MANIFEST_TAGS';
/** Characters. A cursor of its storage has some hundred. */
const LONGEST_CURSOR = 4096;
/**
 * Cloudflare's serverless-registry looks at 1,000 keys of a repository, tags and digests, for one DELETE on `/manifests/`. If
 * there are more, it deletes the tags among them that point to the digest, and returns 400 `MANIFEST_TAGS` with a link that
 * differs from the request in `last`, a cursor of its storage. The DELETE along the last link deletes the manifest, or the
 * tag (src/router.ts of its commit 5f97b0e).
 *
 * The link is written with brackets and without (before 2026-03). Only the cursor is taken from it: the request goes to the
 * same item as before.
 */
const serverlessRegistry = {
    name: 'serverless-registry',
    next(response, from) {
        if (response.status !== 400 || !hasCode(response, serverless_registry_CODE))
            return undefined;
        const target = nextTarget(response.headers.get('link'), from);
        if (target === undefined || 'is' in target)
            return { is: 'stuck', why: 'no-link' };
        const { url } = target;
        const parameters = [...url.searchParams.keys()];
        const last = url.searchParams.get('last') ?? '';
        const isSameItem = url.hostname === from.hostname && pathOf(url) === pathOf(from);
        if (!isSameItem || parameters.some((name) => name !== 'last'))
            return { is: 'stuck', why: 'elsewhere' };
        if (last === '' || parameters.length > 1 || last.length > LONGEST_CURSOR)
            return { is: 'stuck', why: 'no-link' };
        return { is: 'goes-on', query: new URLSearchParams({ last }).toString() };
    },
};
/** Percent-encoding differs: `sha256:` and `sha256%3A` name the same digest. */
function pathOf({ pathname }) {
    try {
        return decodeURIComponent(pathname);
    }
    catch {
        return pathname;
    }
}

;// CONCATENATED MODULE: ./src/registry/dialects/tag.ts

/** The specification's own endpoint: DELETE of a manifest by tag (end-9). */
const tag = {
    name: 'tag',
    title: "the registry's tag endpoint",
    remove: (client, repository, name, deleting) => client.deleteManifest(repository, name, deleting),
    recognise: (response) => meaningOf('probe-tag', response) !== 'unsupported',
};

;// CONCATENATED MODULE: ./src/registry/dialects/dialects.ts



/** The dialect of the specification. */
const dialects_STANDARD = tag;
/** Every dialect, in the order in which they are probed. */
const DIALECTS = [dialects_STANDARD, gitlab];
/** @returns the dialect of this name, or undefined if it names something else, such as the placeholder */
function dialectOf(name) {
    return DIALECTS.find((dialect) => dialect.name === name);
}
/**
 * @param way the name of the way in which this run removes labels; undefined if it is unknown or there are no labels
 * @returns the dialect of that name, or the standard one
 */
function dialects_byName(way) {
    return dialectOf(way) ?? dialects_STANDARD;
}
const STEPPED = [serverlessRegistry];
/**
 * @param from the URL of the item, without a query
 * @returns what follows a response to a DELETE that some registry spreads over several requests; undefined if it is final
 */
function nextStep(response, from) {
    for (const stepped of STEPPED) {
        const step = stepped.next(response, from);
        if (step !== undefined)
            return step;
    }
    return undefined;
}

;// CONCATENATED MODULE: ./src/registry/time.ts
/**
 * Milliseconds for which a check of the registry counts as current. Before a DELETE or a PUT, purge/ repeats a check that
 * is older. The client then sends the request within the same time, or not at all.
 */
const CURRENT_FOR = 1_000;
/** @returns a new array with the same entries in random order */
function shuffled(list, random) {
    const all = [...list];
    for (let at = all.length - 1; at > 0; at--) {
        const other = random.int(at + 1);
        [all[at], all[other]] = [all[other], all[at]];
    }
    return all;
}

;// CONCATENATED MODULE: ./src/purge/checked.ts


/**
 * Waits for a check, and returns its failure instead of throwing it.
 *
 * @throws Stopped, and defects
 */
async function checked(check) {
    try {
        return { is: 'checked', seen: await check };
    }
    catch (error) {
        if (!(error instanceof ListError || error instanceof WireError))
            throw error;
        return { is: 'unchecked', problem: problemOf(error) };
    }
}

;// CONCATENATED MODULE: ./src/purge/delete/send.ts



/** Sends one DELETE. */
function sendDelete(purge, item, { fresh, step }) {
    const { client } = purge.tools;
    const { repository, way } = purge.plan;
    const { timeout } = purge;
    if (item.kind === 'blob')
        return client.deleteBlob(repository, item.name, { purpose: 'delete-blob', timeout, fresh });
    const purpose = item.kind === 'tag' ? 'delete-tag' : 'delete-manifest';
    const deleting = { purpose, timeout, fresh };
    if (step !== undefined)
        return client.delete(repository, `manifests/${item.name}?${step}`, deleting);
    if (item.kind === 'tag')
        return dialects_byName(way).remove(client, repository, item.name, deleting);
    return client.deleteManifest(repository, item.name, deleting);
}
/**
 * Sends one DELETE for an item of the plan. If the run is stopped meanwhile, records that the outcome is unknown.
 *
 * @throws Stopped
 */
async function attemptDelete(purge, item, { named = item, ...sending }) {
    try {
        return await attempt(sendDelete(purge, named, sending));
    }
    catch (error) {
        if (error instanceof Stopped)
            purge.record({ item, outcome: 'unknown', detail: { is: 'in-flight' } });
        throw error;
    }
}

;// CONCATENATED MODULE: ./src/purge/delete/steps.ts


/** Steps of one DELETE, at most. The one registry that deletes in steps looks at 1,000 tags and digests in each. */
const MOST_STEPS = 1_000;
/**
 * The steps of one DELETE, for a registry that spreads it over several requests. Each step is a write of its own, so the
 * caller judges each response, and the item passes the checks before each step again.
 */
class Steps {
    #purge;
    #item;
    #taken = new Set();
    /** The query of the next step; undefined for the first one. */
    query;
    /** @param item the item in the DELETE */
    constructor(purge, item) {
        this.#purge = purge;
        this.#item = item;
    }
    /** Whether an earlier step was accepted. Then content may be gone already, because of this DELETE. */
    get begun() {
        return this.#taken.size > 0;
    }
    /** @returns undefined if the response is final */
    after(response) {
        const { client } = this.#purge.tools;
        const { repository, way } = this.#purge.plan;
        const { kind, name } = this.#item;
        if (kind === 'blob' || (kind === 'tag' && dialects_byName(way) !== dialects_STANDARD))
            return undefined;
        const step = nextStep(response, new URL(`/v2/${repository}/manifests/${name}`, client.origin));
        if (step === undefined)
            return undefined;
        // Even if the DELETE cannot go on, this step may have deleted tags.
        this.#purge.mayHaveWritten();
        const stuck = (why) => ({
            is: 'stuck',
            detail: { is: 'stuck', answered: describe(response), why },
        });
        if (step.is === 'stuck')
            return stuck(step.why);
        if (this.#taken.has(step.query))
            return stuck('circle');
        if (this.#taken.size === MOST_STEPS)
            return stuck('too-many');
        this.#taken.add(step.query);
        this.query = step.query;
        return { is: 'goes-on' };
    }
}

;// CONCATENATED MODULE: ./src/purge/burst.ts






/**
 * Deletes one item several times in a row. It continues after a 404, since another replica may still have the item, and
 * after a 500, since the DELETE may have worked.
 *
 * @returns whether the registry asked for a pause, which ends the burst
 * @throws Stopped
 */
async function deleteInARow(purge, { item, endpoint }, times) {
    const { client, journal } = purge.tools;
    const statuses = [];
    let worked = false;
    let held = false;
    let ended;
    journal.about(purge.plan.repository, item);
    if (item.kind !== 'tag')
        purge.touched.add(item.name);
    purge.mayHaveWritten();
    const named = item.kind === 'manifest' && endpoint === 'blobs' ? { kind: 'blob', name: item.name } : item;
    let steps = new Steps(purge, named);
    while (statuses.length < times && !held) {
        client.throwIfStopped();
        ended = await keptBecause(purge, item);
        if (ended !== undefined)
            break;
        const response = await attemptDelete(purge, item, { fresh: true, named, step: steps.query });
        const isResponse = !(response instanceof WireError);
        // A tag is not checked again in a burst, so nothing shows that it may still be deleted after the first step.
        if (isResponse && item.kind !== 'tag' && steps.after(response)?.is === 'goes-on')
            continue;
        steps = new Steps(purge, named);
        if (isResponse && response.status >= 200 && response.status < 300)
            worked = true;
        held = isResponse ? response.status === 429 : response.failure === 'held';
        statuses.push(isResponse ? String(response.status) : response.code);
    }
    const before = purge.done.get(item.name);
    const outcome = worked ? 'deleted' : (before?.outcome ?? 'failed');
    const via = worked && item.kind === 'tag' ? dialects_byName(purge.plan.way).name : before?.via;
    purge.record({
        item,
        outcome,
        ...(via !== undefined && { via }),
        detail: { is: 'repeated', answers: statuses, ...(ended !== undefined && { ended }) },
    });
    return held;
}
/**
 * Checks the repository if the newest check is older than `age` milliseconds.
 *
 * @returns why the item must not be deleted now, or undefined if it may be
 * @throws Stopped
 */
async function keptBecause(purge, item, age = CURRENT_FOR) {
    // The caller read the tags right before the burst.
    if (item.kind === 'tag')
        return undefined;
    const check = await checked(purge.freshness.ensureFresh(age));
    return check.is === 'unchecked' ? check : purge.forbids(item);
}

;// CONCATENATED MODULE: ./src/purge/placeholder/dummy.ts


const NOTE = 'org.opencontainers.image.description';
const dummy_WORDS = 'Placeholder of registry-purge: it takes the place of a label for a moment, to be deleted with it';
const CHANCE = 'registry-purge.chance';
/** @returns an index without manifests: it needs no uploads, so it leaves no blobs behind */
function emptyIndex(random) {
    const chance = random.hex(32);
    const annotations = { [NOTE]: dummy_WORDS, [CHANCE]: chance };
    return dummy({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], annotations }, OCI_INDEX, chance, []);
}
/**
 * Makes a placeholder for registries that refuse an empty index. The config is not the well-known `{}`, since that blob is
 * never deleted.
 *
 * @returns an image whose config and layer contain only random text
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
        annotations: { [NOTE]: dummy_WORDS, [CHANCE]: chance },
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

;// CONCATENATED MODULE: ./src/purge/placeholder/deleted.ts

/** @returns whether the response to the DELETE of a placeholder, or of one of its blobs, shows that it is gone */
function isDeleted(asked, response) {
    return ['done', 'asynchronous', 'unknown', 'perhaps-unknown'].includes(meaningOf(asked, response));
}

;// CONCATENATED MODULE: ./src/purge/placeholder/parts.ts



/** How often to send the DELETE of one blob. */
const parts_TRIES = 2;
/** Uploads the blobs of a placeholder. @returns why that failed, or undefined @throws Stopped */
async function uploadParts(purge, { blobs }) {
    const { capabilities, client, journal } = purge.tools;
    const { repository } = purge.plan;
    const deletion = await capabilities.blobDeletion(repository);
    if (deletion.is !== 'on')
        return { is: 'failed', detail: { is: 'undeletable-parts', answered: deletion.answered } };
    for (const { digest, body } of blobs) {
        journal.about(repository);
        purge.mayHaveWritten();
        const response = await attempt(client.uploadBlob(repository, digest, body));
        if (response instanceof WireError || response.status !== 201)
            return { is: 'failed', detail: { is: 'upload-failed', digest, answered: outcomeOf(response) } };
    }
    return undefined;
}
/** Deletes the blobs of a placeholder. Their bytes are unique, so no tag needs them. @throws Stopped */
async function deleteParts(purge, { blobs }) {
    const { client } = purge.tools;
    const { repository } = purge.plan;
    const deleting = { purpose: 'delete-placeholder', timeout: purge.timeout };
    const problems = [];
    for (const { digest } of blobs) {
        for (let tried = 1;; tried++) {
            const response = await attempt(client.deleteBlob(repository, digest, deleting));
            if (!(response instanceof WireError) && isDeleted('delete-blob', response))
                break;
            if (tried < parts_TRIES)
                continue;
            problems.push({ kind: 'placeholder-part-left', repository, digest, answered: outcomeOf(response) });
            break;
        }
    }
    return problems;
}

;// CONCATENATED MODULE: ./src/registry/retry-after.ts
/**
 * Parses a Retry-After header in seconds or as a date (RFC 9110, 10.2.3).
 *
 * @param now milliseconds since the epoch
 * @returns milliseconds to wait, 0 for a date in the past, or undefined if there is no such time
 */
function retryAfter(value, now) {
    if (value === undefined)
        return undefined;
    if (/^\d{1,6}$/.test(value.trim()))
        return Number(value.trim()) * 1000;
    // A date begins with the name of a day. Date.parse would accept almost any number.
    const date = /^\s*[A-Za-z]{3}/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

;// CONCATENATED MODULE: ./src/purge/pauses.ts



/** How often to send a request that changes state if no response is conclusive. */
const pauses_TRIES = 6;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 60_000;
/** Without a Retry-After a pause doubles at most this often. */
const MOST_DOUBLINGS = 16;
/** @returns milliseconds to wait before the next try. @param tried how often the request was sent */
function pauseBetween(tried) {
    return FIRST_PAUSE * 2 ** tried;
}
/** @returns milliseconds to wait after a response that is not conclusive. @param tried how often the request was sent */
function pauseAfter(response, tried, now) {
    const after = response instanceof WireError ? undefined : retryAfter(response.headers.get('retry-after'), now);
    return Math.min(after ?? pauseBetween(tried), LONGEST_PAUSE);
}
/**
 * @param before how often the registry requested a pause before
 * @returns milliseconds to wait if the registry requests a pause, else undefined
 */
function requestedPause({ tools: { client, clock } }, response, before) {
    if (response instanceof WireError)
        return response.failure === 'held' ? Math.max(CURRENT_FOR, client.heldFor) : undefined;
    if (response.status !== 429)
        return undefined;
    return pauseAfter(response, Math.min(before + 1, MOST_DOUBLINGS), clock.now());
}
/**
 * Waits as long as the registry requested in any response.
 *
 * @throws Stopped
 */
async function waitForHold({ tools: { client, clock }, freshness }) {
    for (let held = client.heldFor; held > 0 && !client.stop.aborted; held = client.heldFor) {
        await clock.sleep(held, client.stop);
        freshness.pauseEnded();
    }
    client.throwIfStopped();
}

;// CONCATENATED MODULE: ./src/registry/reading.ts
/** A check on a new connection, so that another replica may receive it. */
const FRESH_READ = { purpose: 'look-up', fresh: true };
/** A fresh read that is sent even if the run is to stop. */
const FINISHING_READ = { ...FRESH_READ, finish: true };

;// CONCATENATED MODULE: ./src/purge/placeholder/pointing.ts







/** Reads the manifest that a tag points to. Continues if the run is stopped. @throws Stopped when the time is up */
async function pointing_pointing(purge, tag, { chance }) {
    const response = await attempt(purge.tools.client.manifest(purge.plan.repository, tag, FINISHING_READ));
    if (response instanceof WireError)
        return { is: 'unclear', answered: response.message };
    const cache = cacheOf(response);
    if (cache !== undefined)
        return { is: 'unclear', answered: `the response comes out of a cache (${cache})` };
    if (isGone(response))
        return { is: 'nothing' };
    if (response.status !== 200 || response.cut)
        return { is: 'unclear', answered: describe(response) };
    const digest = sha256(hashedBytes(response.body) ?? response.body);
    const ours = Buffer.from(response.body).includes(chance);
    // A registry may store other bytes than it received. Then the placeholder has another digest.
    if (ours)
        purge.placeholders.add(digest);
    const mediaType = response.headers.get('content-type') ?? purge.facts.manifests.get(digest)?.mediaType ?? OCI_MANIFEST;
    return { is: 'manifest', digest, mediaType, body: response.body, ours };
}

;// CONCATENATED MODULE: ./src/purge/placeholder/put.ts





/**
 * Makes one tag point to the placeholder, if it still points to the expected manifest. Checks the tag to find out whether
 * the PUT worked, since its response does not prove that.
 *
 * @param sent receives the tag before the PUT is sent. The tag is removed again if it certainly points elsewhere
 * @throws Stopped
 */
async function putOn(purge, { tag, digest: expected }, dummy, sent) {
    const { client, clock, journal } = purge.tools;
    const { repository } = purge.plan;
    for (let tried = 1;; tried++) {
        await clock.sleep(client.heldFor, client.stop);
        const now = await pointing_pointing(purge, tag, dummy);
        if (now.is === 'nothing')
            return { is: 'gone' };
        if (now.is === 'unclear')
            return { is: 'failed', detail: { is: 'answered', answered: now.answered } };
        if (now.digest !== expected)
            return { is: 'moved', to: now.digest };
        const replaced = { ...now, tag, seen: false, answered: '' };
        journal.about(repository, { kind: 'tag', name: tag });
        sent.push(replaced);
        const response = await attempt(client.putManifest(repository, tag, dummy.mediaType, dummy.body));
        const after = await pointing_pointing(purge, tag, dummy);
        replaced.answered = outcomeOf(response);
        replaced.seen = after.is === 'manifest' && after.ours;
        const unchanged = after.is === 'manifest' && after.digest === expected;
        const refusal = unchanged ? refusalOf(response) : undefined;
        if (refusal !== undefined) {
            sent.pop();
            return refusal;
        }
        purge.mayHaveWritten();
        const status = response instanceof WireError ? undefined : response.status;
        // If the PUT succeeded but the tag still points to its manifest, a stale replica served the tag.
        const accepted = status !== undefined && status < 300;
        if (!unchanged || accepted || tried === pauses_TRIES || client.stop.aborted)
            return { is: 'sent' };
        await clock.sleep(pauseAfter(response, tried, clock.now()), client.stop);
        sent.pop();
        // A registry that requests a pause has changed nothing.
        if (status === 429 || client.heldFor > 0)
            tried--;
    }
}
/** @returns how the registry refused a PUT that did not change the tag; undefined if it did not refuse it */
function refusalOf(response) {
    if (response instanceof WireError)
        return undefined;
    const { status } = response;
    if (status < 400 || status >= 500 || status === 408 || status === 429)
        return undefined;
    const answered = outcomeOf(response);
    if (isDenied(response))
        return { is: 'denied', answered, right: rightFor(response, 'push') };
    if ([400, 415, 422].includes(status))
        return { is: 'invalid', answered };
    return { is: 'failed', detail: { is: 'answered', answered } };
}

;// CONCATENATED MODULE: ./src/purge/placeholder/trace.ts
/** @returns the placeholder that a tag may point to from now on. @param before the manifest that it pointed to */
function traceOf({ digest, blobs }, before) {
    const parts = blobs.map((blob) => blob.digest);
    return { digest, parts, ...(before !== undefined && { before }) };
}
/** Announces to the journal that a placeholder may replace these tags. */
function intendPlaceholder({ plan, tools }, labels, dummy) {
    tools.journal.intend(plan.repository, labels.map(({ tag, digest }) => ({
        item: { kind: 'tag', name: tag },
        placeholder: traceOf(dummy, digest),
    })));
}

;// CONCATENATED MODULE: ./src/purge/placeholder/record.ts

const via = 'placeholder';
/** Records a tag that the placeholder did not replace. @returns the problem, if there is one */
function recordPut(purge, tag, put) {
    const item = { kind: 'tag', name: tag };
    const { repository } = purge.plan;
    if (put.is === 'gone') {
        purge.record({ item, outcome: 'already-gone' });
        return [];
    }
    if (put.is === 'moved') {
        const because = { is: 'moved', to: put.to };
        purge.record({ item, outcome: 'kept', via, detail: { is: 'kept', because } });
        return [{ kind: 'item-kept', repository, item, because }];
    }
    const detail = put.is === 'failed' ? put.detail : { is: 'answered', answered: put.answered };
    purge.record({ item, outcome: 'failed', via, detail });
    if (put.is !== 'denied')
        return [{ kind: 'label-not-removed', repository, item, detail }];
    purge.denied = true;
    const { answered, right } = put;
    return [{ kind: 'push-not-permitted', repository, item, answered, ...(right !== undefined && { right }) }];
}
/** Records that a tag may point to the placeholder. */
function recordUnknown(purge, { tag, digest }, dummy) {
    purge.record({
        item: { kind: 'tag', name: tag },
        outcome: 'unknown',
        via,
        detail: { is: 'placeholder', ...traceOf(dummy, digest) },
    });
}

;// CONCATENATED MODULE: ./src/purge/placeholder/put-back.ts




/** Makes a tag point to its manifest again, if it still points to the placeholder. @throws Stopped */
async function putBack(purge, { tag, digest, mediaType, body }, dummy) {
    const { client, clock } = purge.tools;
    let failure = { is: 'absent' };
    for (let tried = 1; tried <= pauses_TRIES; tried++) {
        let pause = pauseBetween(tried);
        const now = await pointing_pointing(purge, tag, dummy);
        if (now.is === 'manifest' && now.digest === digest)
            return { is: 'back' };
        if (now.is === 'manifest' && !now.ours)
            return { is: 'moved', to: now.digest };
        failure = now.is === 'unclear' ? { is: 'answered', answered: now.answered } : { is: 'absent' };
        if (now.is === 'manifest') {
            const response = await attempt(client.putManifest(purge.plan.repository, tag, mediaType, body));
            failure = { is: 'answered', answered: outcomeOf(response) };
            pause = pauseAfter(response, tried, clock.now());
            const throttled = !(response instanceof WireError) && response.status === 429;
            if (throttled && !client.stop.aborted)
                tried--;
        }
        await clock.sleep(pause, client.stop);
    }
    const last = await pointing_pointing(purge, tag, dummy);
    return last.is === 'manifest' && last.digest === digest ? { is: 'back' } : failure;
}

;// CONCATENATED MODULE: ./src/purge/placeholder/end-tag.ts



const end_tag_via = 'placeholder';
/**
 * Checks a tag after the DELETE of the placeholder, puts the tag back if it still points to the placeholder, and records
 * the outcome.
 *
 * @param left placeholders that could not be deleted
 * @returns the problem, if the tag was not removed
 * @throws Stopped
 */
async function endTag(purge, replaced, dummy, left) {
    const item = { kind: 'tag', name: replaced.tag };
    const { repository } = purge.plan;
    const deleted = () => {
        purge.record({ item, outcome: 'deleted', via: end_tag_via });
        return [];
    };
    const notRemoved = (detail) => {
        purge.record({ item, outcome: 'failed', via: end_tag_via, detail });
        return [{ kind: 'label-not-removed', repository, item, detail }];
    };
    if (left.length === 0 && replaced.seen)
        return deleted();
    const now = await pointing_pointing(purge, replaced.tag, dummy);
    if (left.length === 0 && now.is === 'nothing')
        return deleted();
    const { answered, digest } = replaced;
    if (now.is === 'manifest' && now.digest === digest)
        return notRemoved(left.length === 0
            ? { is: 'answered', answered }
            : { is: 'as-before', digest, answered, left, putBack: false });
    if (now.is === 'manifest' && !now.ours) {
        const because = { is: 'moved', to: now.digest };
        purge.record({ item, outcome: 'kept', via: end_tag_via, detail: { is: 'kept', because } });
        return [{ kind: 'item-kept', repository, item, because }];
    }
    const back = await putBack(purge, replaced, dummy);
    if (back.is === 'back')
        return notRemoved({ is: 'as-before', digest, answered, left, putBack: true });
    recordUnknown(purge, replaced, dummy);
    const problem = { repository, item, placeholder: dummy.digest, before: digest, failure: back };
    return [{ kind: 'label-on-placeholder', ...problem }];
}

;// CONCATENATED MODULE: ./src/purge/placeholder/take-away.ts







/**
 * Deletes the placeholder, with the tags that point to it, and its blobs. If that fails, makes the tags point to their
 * manifests again.
 *
 * @throws Stopped
 */
async function takeAway(purge, sent, dummy) {
    const left = [];
    for (const digest of purge.placeholders) {
        const remains = await deletePlaceholder(purge, digest, sent);
        if (remains !== undefined)
            left.push(remains);
    }
    // While a placeholder exists, the records of its tags name its blobs, so these are deleted last.
    const partsLeft = left.length === 0 ? await deleteParts(purge, dummy) : [];
    const problems = [];
    for (const replaced of sent)
        problems.push(...(await endTag(purge, replaced, dummy, left)));
    const { repository } = purge.plan;
    if (problems.length === 0)
        problems.push(...left.map((each) => ({ kind: 'placeholder-left', repository, ...each })));
    return [...problems, ...(left.length === 0 ? partsLeft : await deleteParts(purge, dummy))];
}
/**
 * Deletes one placeholder by its digest.
 *
 * @param sent tags that may point to it
 * @returns the placeholder with the last response if it is still there, else undefined
 */
async function deletePlaceholder(purge, digest, sent) {
    const { client, clock } = purge.tools;
    const { timeout } = purge;
    let answered = '';
    for (let tried = 1; tried <= pauses_TRIES; tried++) {
        const deleting = { purpose: 'delete-placeholder', timeout };
        const response = await attempt(client.deleteManifest(purge.plan.repository, digest, deleting));
        answered = outcomeOf(response);
        if (!(response instanceof WireError) && isDeleted('delete-manifest', response))
            return undefined;
        const refused = !(response instanceof WireError) && response.status >= 400 && response.status < 500;
        // A DELETE with an unknown outcome is checked before it is sent again (safety rule 12).
        if (!refused && (await isGoneNow(purge, digest))) {
            for (const { tag } of sent)
                purge.explained.add(tag);
            return undefined;
        }
        const throttled = refused && response.status === 429;
        if (refused && !throttled)
            return { digest, answered };
        const pause = pauseAfter(response, tried, clock.now());
        if (throttled && !client.stop.aborted)
            tried--;
        await clock.sleep(pause, client.stop);
    }
    return { digest, answered };
}
async function isGoneNow({ plan, tools }, digest) {
    const response = await attempt(tools.client.manifest(plan.repository, digest, FINISHING_READ));
    return !(response instanceof WireError) && isGone(response);
}

;// CONCATENATED MODULE: ./src/purge/placeholder/placeholder.ts






/**
 * Removes labels if the registry cannot delete a tag by name (2.x). Pushes a manifest without content under each label,
 * and deletes that manifest by digest. This also deletes the tags that point to it, and nothing else.
 *
 * Reads each tag right before its PUT, and replaces only a label that still points to the expected manifest. Deletes the
 * placeholder whatever the responses to the PUTs are. If that fails, makes every tag that still points to the placeholder
 * point to its manifest again.
 *
 * @param labels that resolve
 * @throws Stopped, after it has finished the labels in progress, as far as time allows
 */
async function placeholder(purge, labels) {
    const replacement = new Replacement(purge, labels);
    try {
        await replacement.putOnAll();
        await replacement.end();
    }
    catch (error) {
        replacement.recordOpen();
        throw error;
    }
    purge.tools.client.throwIfStopped();
    return replacement.problems;
}
/** The removal of labels in progress: a placeholder replaces each, and its DELETE deletes them. */
class Replacement {
    problems = [];
    #purge;
    #labels;
    /** Tags that point to the placeholder, or may do so. */
    #sent = [];
    /** The records of the tags from before. */
    #earlier;
    #dummy;
    constructor(purge, labels) {
        this.#purge = purge;
        this.#labels = labels;
        this.#earlier = new Map(labels.map(({ tag }) => [tag, purge.done.get(tag)]));
        this.#dummy = emptyIndex(purge.tools.random);
        this.#intend();
        purge.tools.journal.note(`This registry cannot delete a tag by name: the tag is made to point to a placeholder (${this.#dummy.digest}), which is then deleted by its digest`);
    }
    /** Makes each label point to the placeholder. */
    async putOnAll() {
        const { client } = this.#purge.tools;
        for (const label of this.#labels) {
            if (client.stop.aborted || this.#purge.denied)
                return;
            let put = await putOn(this.#purge, label, this.#dummy, this.#sent);
            if (put.is === 'invalid' && this.#dummy.blobs.length === 0 && this.#sent.length === 0) {
                const failed = await this.#useImage(put.answered);
                if (client.stop.aborted)
                    return;
                put = failed ?? (await putOn(this.#purge, label, this.#dummy, this.#sent));
            }
            if (put.is !== 'sent')
                this.problems.push(...recordPut(this.#purge, label.tag, put));
        }
    }
    /** Deletes the placeholder, and the blobs that were uploaded for it. */
    async end() {
        const end = this.#sent.length > 0
            ? takeAway(this.#purge, this.#sent, this.#dummy)
            : deleteParts(this.#purge, this.#dummy);
        this.problems.push(...(await end));
    }
    /** Records that tags may point to the placeholder, unless their outcome was recorded since. */
    recordOpen() {
        for (const replaced of this.#sent)
            if (this.#purge.done.get(replaced.tag) === this.#earlier.get(replaced.tag))
                recordUnknown(this.#purge, replaced, this.#dummy);
    }
    /** Uses an image as placeholder, since the registry refuses an empty index. @returns why that failed, or undefined */
    async #useImage(answered) {
        const { journal, random } = this.#purge.tools;
        this.#dummy = emptyImage(random);
        journal.note(`The registry refuses an empty index (${answered}), so an image without content is used: ${this.#dummy.digest}`);
        this.#intend();
        return uploadParts(this.#purge, this.#dummy);
    }
    #intend() {
        this.#purge.placeholders.add(this.#dummy.digest);
        intendPlaceholder(this.#purge, this.#labels, this.#dummy);
    }
}

;// CONCATENATED MODULE: ./src/purge/placeholder/again.ts



/**
 * Removes labels that are served again, with a placeholder. If a label points to an earlier placeholder, deletes that one.
 *
 * @param served the tags that are served
 * @throws Stopped
 */
async function replaceAgain(purge, served) {
    const { tags } = purge.plan;
    for (const digest of purge.placeholders) {
        const labels = tags.filter(({ tag }) => pointsTo(purge, tag) === digest);
        if (labels.length > 0)
            await deleteOld(purge, digest, labels);
    }
    // Skip a label whose first removal failed: each try puts it at risk.
    const back = tags.filter(({ tag, digest }) => served.has(tag) && purge.done.get(tag)?.outcome === 'deleted' && pointsTo(purge, tag) === digest);
    return back.length > 0 ? placeholder(purge, back) : [];
}
async function deleteOld(purge, digest, labels) {
    const { client, journal } = purge.tools;
    const { repository } = purge.plan;
    intendPlaceholder(purge, labels, { digest, blobs: [] });
    journal.about(repository);
    const deleting = { purpose: 'delete-placeholder', timeout: purge.timeout, fresh: true };
    purge.mayHaveWritten();
    await attempt(client.deleteManifest(repository, digest, deleting));
}
function pointsTo({ facts }, tag) {
    const state = facts.tags.get(tag);
    return state?.is === 'resolved' ? state.digest : undefined;
}

;// CONCATENATED MODULE: ./src/purge/heal.ts



/** The most bursts per repository. After them, items that are still served are only checked. */
const BURSTS = 8;
const FIRST_BURST = 3;
const NOTHING = { left: new Map(), movedTags: new Map(), unsure: [], problems: [], putOff: false };
/**
 * Deletes items again that are still served: a stale replica deletes a digest only when it gets a DELETE itself. Sends
 * several DELETEs in a row, and more in each burst. With one DELETE and one GET a round, a round-robin balancer could send
 * them to different replicas for ever. Checks every tag first, and keeps content that a tag needs now (safety rule 9).
 *
 * @param purge the purge that is being proven
 * @param burst the number of earlier bursts
 * @throws Stopped
 */
async function heal(purge, present, burst) {
    const tags = present.flatMap(({ item }) => (item.kind === 'tag' ? [item.name] : []));
    const check = await checked(purge.freshness.checkAgain('all', tags));
    if (check.is === 'unchecked')
        return { ...NOTHING, unsure: [check] };
    const { left, moved, unsure } = check.seen;
    const movedTags = new Map(moved.flatMap(({ tag, digest }) => (purge.placeholders.has(digest) ? [] : [[tag, digest]])));
    if (unsure.length > 0)
        return { ...NOTHING, movedTags, unsure: unsure.map((doubt) => ({ is: 'unsure', doubt })) };
    const free = present.filter(({ item }) => item.kind === 'tag' ? !movedTags.has(item.name) : !left.has(item.name));
    return { ...NOTHING, left, movedTags, ...(await deleteAgain(purge, free, FIRST_BURST + burst)) };
}
async function deleteAgain(purge, present, times) {
    const { journal } = purge.tools;
    const { repository, way } = purge.plan;
    const isReplaced = ({ item }) => way === 'placeholder' && isLabel(purge, item);
    const byName = present.filter((each) => !isReplaced(each));
    const labels = present.filter(isReplaced);
    purge.intend(byName.map(({ item }) => item));
    let putOff = false;
    // After a pause the check is stale, so the rest waits for the next round.
    for (const each of byName)
        putOff ||= await deleteInARow(purge, each, times);
    const problems = labels.length > 0 && !putOff
        ? await replaceAgain(purge, new Set(labels.map(({ item }) => item.name)))
        : [];
    journal.withdraw(repository);
    return { problems, putOff };
}
function isLabel({ plan }, { kind, name }) {
    return kind === 'tag' && plan.tags.some(({ tag, onlyLabel }) => tag === name && onlyLabel !== undefined);
}
/**
 * Deletes blobs once more, as the last step of a run. Checks the tags right before each DELETE, since somebody may have
 * pushed such a blob. Does not read the blobs again, since a read brought them back.
 *
 * @returns a problem for each blob that was kept
 * @throws Stopped
 */
async function deleteOnceMore(purge, digests) {
    const { journal } = purge.tools;
    const { repository } = purge.plan;
    const items = digests.map((name) => ({ kind: 'blob', name }));
    const problems = [];
    purge.intend(items);
    for (const [at, item] of items.entries()) {
        const because = await keptBecause(purge, item, at === 0 ? 0 : undefined);
        if (because === undefined)
            await deleteInARow(purge, { item, endpoint: 'blobs' }, 1);
        else
            problems.push({ kind: 'item-kept', repository, item, because });
    }
    journal.withdraw(repository);
    return problems;
}

;// CONCATENATED MODULE: ./src/report/words/round.ts


/** Findings that one line shows. */
const round_SHOWN = 5;
/** @param number of the round, from 1 @returns one line for the log */
function sayRound(number, round, { clean, needed }) {
    return `round ${number}: ${sayFindings(round)}; ${clean} of ${needed} clean in a row`;
}
function sayFindings({ findings, controlFlaw, lost }) {
    const all = [...findings];
    const open = all.flatMap(([name, finding]) => {
        if (finding.is === 'gone')
            return [];
        return [
            `${name} ${finding.is === 'present' ? 'STILL ANSWERS' : 'inconclusive'} (${sayFlaw(finding.flaw)})`,
        ];
    });
    const control = controlFlaw === undefined ? 'the control answers' : sayFlaw(controlFlaw);
    const after = lost.length === 0 ? '' : ` (${count(lost.length, 'check')} only after failures)`;
    if (open.length === 0)
        return `all ${all.length} gone, ${control}${after}`;
    const more = open.length > round_SHOWN ? ` and ${open.length - round_SHOWN} more` : '';
    const shown = open.slice(0, round_SHOWN).join(', ');
    return `${all.length - open.length} of ${all.length} gone, ${shown}${more}; ${control}${after}`;
}
/** Sums up the proof of one repository in one line. @param whole whether everything is proven */
function sayProof({ all, needed }, remaining, whole) {
    const gone = all.filter(({ verdict }) => verdict === 'gone').length;
    const having = (wanted) => remaining.filter(({ verdict }) => verdict === wanted).length;
    const open = having('unchecked');
    const tags = `${having('intact')} of ${count(remaining.length, 'remaining tag')} intact${open === 0 ? '' : `, ${open} not checked`}`;
    return `${gone} of ${count(all.length, 'item')} proven gone in ${count(needed, 'round')} in a row, ${tags}${whole ? '' : ': NOT PROVEN'}`;
}

;// CONCATENATED MODULE: ./src/registry/absence.ts


/**
 * @returns the absence that a 404 or 410 reports, or undefined for any other response. A 404 from the storage that the
 *   registry redirects to does not count: the registry still knows the content
 */
function absenceOf(response) {
    if (!isGone(response) || response.redirected)
        return undefined;
    const type = essence(response.headers.get('content-type'));
    return { status: response.status, type, code: firstCode(response) };
}
/**
 * Compares two absences by status, media type and error code. It ignores the bodies, which repeat the digest.
 *
 * A gateway in front of a registry may return a 404 page of its own. A registry returns the same absence for every
 * missing digest. So a 404 is the registry's own if the request for a digest that never existed gets the same absence.
 */
function sameAbsence(one, other) {
    return one.status === other.status && one.type === other.type && one.code === other.code;
}
/** @returns for example `404 application/json BLOB_UNKNOWN`, in a bounded length */
function describeAbsence({ status, type, code }) {
    return [String(status), type.slice(0, 60) || 'without a media type', code]
        .filter((part) => part !== '')
        .join(' ');
}

;// CONCATENATED MODULE: ./src/proof/check-options.ts
/** @returns options for the request of a check: it uses its own connection, and is retried if the response proves nothing */
function readingFor({ timeout, until, cacheBuster }, purpose) {
    return {
        purpose,
        fresh: true,
        check: true,
        timeout,
        ...(until !== undefined && { until }),
        ...(cacheBuster !== undefined && { cacheBuster }),
    };
}

;// CONCATENATED MODULE: ./src/proof/last.ts






/** The statuses of a front end that does not support ranged requests, and so serves nothing to them. */
const NO_RANGES = new Set([400, 405, 406, 501]);
/** The statuses of passing failures. */
const PASSING = new Set([408, 425, 429, 502, 503, 504]);
/** How often to send a final check if no response is conclusive. */
const last_TRIES = 3;
/**
 * Requests purged blobs once on `/manifests/`, where a registry may serve the same digest. Only a 200 means that it is
 * served: distribution 2.8 returns 500 for the digest of a layer there. Nothing is ever deleted on that endpoint by the
 * digest of a blob (safety rule 8).
 *
 * @param blobs the blobs whose media type is not that of a known layer or config
 * @throws Stopped
 */
async function checkAsManifests(tools, options, blobs) {
    const reading = { ...readingFor(options, 'last-check'), once: true };
    return checkAll(tools, blobs, {
        send: (digest) => tools.client.manifest(options.repository, digest, reading),
        isServed: ({ status }) => status === 200,
        isAbsent: ({ status }) => !PASSING.has(status),
    });
}
/**
 * Requests the first byte of each purged blob. zot with `dedupe` serves it from another repository although a plain GET
 * returns 404. From then on it serves the blob to a plain GET as well.
 *
 * @param never the response on `/blobs/` for a digest that never existed
 * @throws Stopped
 */
async function checkByRange(tools, options, blobs, never) {
    const { client, random } = tools;
    const { repository } = options;
    const reading = readingFor(options, 'last-check');
    let other;
    /** Some registries return a different 404 to a ranged request. */
    const neverByRange = async () => {
        const digest = `sha256:${random.hex(32)}`;
        const response = await attempt(client.blobByRange(repository, digest, reading));
        return response instanceof WireError ? undefined : absenceOf(response);
    };
    let cached = false;
    return checkAll(tools, blobs, {
        send: (digest) => client.blobByRange(repository, digest, cached ? { ...reading, cacheBuster: random.hex(8) } : reading),
        isServed: ({ status, redirected }) => redirected || status < 400 || status === 416,
        isAbsent: async (response) => {
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
            const ranged = await (other ??= neverByRange());
            return ranged !== undefined && sameAbsence(how, ranged);
        },
    });
}
async function checkAll({ width }, blobs, { send, isServed, isAbsent }) {
    const found = [];
    await each(blobs, width, async (digest) => {
        let answered = '';
        for (let tries = 0; tries < last_TRIES; tries++) {
            const response = await attempt(send(digest));
            answered = outcomeOf(response);
            if (response instanceof WireError)
                continue;
            if (isServed(response))
                return void found.push({ digest, is: 'served', answered });
            if (await isAbsent(response))
                return;
        }
        found.push({ digest, is: 'unclear', answered });
    });
    return found.sort((one, other) => (one.digest < other.digest ? -1 : 1));
}

;// CONCATENATED MODULE: ./src/proof/controls.ts

const ENOUGH = 200;
/**
 * Finds candidates for the positive control: manifests of remaining tags, and their configs. It needs both kinds, since one
 * endpoint can fail without the other.
 *
 * @param absent controls that did not exist in an earlier round. They come last
 * @param elsewhere digests that other repositories of the run purge. A read of one here can bring it back there (redis up to
 *   3.0.0)
 * @returns a function that takes the number of a round, and of the clean rounds before it, and returns the candidates. The
 *   kinds alternate with the clean rounds, so every proof includes a blob if there is one
 */
function controlsFor(plan, facts, absent, elsewhere) {
    const manifests = new Set();
    const blobs = new Set();
    const purged = new Set(elsewhere);
    for (const { digest } of [...plan.manifests, ...plan.blobs])
        purged.add(digest);
    const purgedTags = new Set(plan.tags.map(({ tag }) => tag));
    const remaining = [...facts.tags].flatMap(([tag, state]) => state.is === 'resolved' && !purgedTags.has(tag) && !purged.has(state.digest) ? [state.digest] : []);
    for (const digest of [...labelsOf(plan.tags).map(({ digest }) => digest), ...remaining]) {
        const root = facts.manifests.get(digest);
        // The body of a signed schema 1 manifest does not hash to its digest, so it cannot be a control.
        if (root?.kind === 'schema1' || purged.has(digest))
            continue;
        manifests.add(digest);
        const images = [root, ...(root?.children ?? []).map(({ digest }) => facts.manifests.get(digest))];
        for (const image of images) {
            const config = image?.config?.digest;
            if (config !== undefined && !purged.has(config))
                blobs.add(config);
        }
        if (manifests.size >= ENOUGH)
            break;
    }
    // Blobs first: even if there is only one round, the manifests of remaining tags are read after it.
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
    // The other kind follows, in case every candidate of the first kind comes out of a cache.
    return (round, clean) => {
        const first = clean % kinds.length;
        return [...kinds.slice(first), ...kinds.slice(0, first)].flatMap((list) => turned(list, round));
    };
}

;// CONCATENATED MODULE: ./src/proof/control.ts








/** The most candidates of each kind in a round. A candidate that does not exist may have been missing before the run. */
const CONTROLS = 3;
/**
 * The positive control: requests content that must exist, with the same credentials.
 *
 * @param controls candidates, the preferred one first
 * @throws Stopped
 */
async function checkControl(tools, options, controls) {
    const absent = [];
    let flaw = { kind: 'no-control' };
    const tried = { manifest: 0, blob: 0, repository: 0 };
    for (const control of controls) {
        if (++tried[control.kind] > CONTROLS)
            continue;
        if (control.kind === 'repository') {
            const its = await checkRepository(tools, options, control.empty);
            return { absent, ...(its !== undefined && { flaw: its }) };
        }
        const response = await pastCache(tools, options, (how) => request(tools, how, control));
        const its = flawOf(control, response);
        if (its === undefined)
            return { absent };
        flaw = its;
        if (flaw.kind === 'control-cached')
            continue;
        if (response instanceof WireError || flaw.kind !== 'control-refused' || !isGone(response))
            break;
        absent.push(control.digest);
        if (absent.length === CONTROLS)
            break;
    }
    return { flaw, absent };
}
/** @returns why a response does not show that the registry serves its content */
function flawOf(control, response) {
    if (response instanceof WireError)
        return { kind: 'control-unanswered', failure: response.message };
    // After a redirect it is a cache of the storage: the registry itself did respond.
    const cache = response.redirected ? undefined : cacheOf(response);
    if (cache !== undefined)
        return { kind: 'control-cached', control, cache };
    if (response.status !== 200 || response.cut)
        return { kind: 'control-refused', control, answered: describeSource(response) };
    const same = response.body.length === 0 || matches(control.digest, response.body);
    return same ? undefined : { kind: 'control-altered', control };
}
const LIST = { kind: 'tag list' };
/**
 * Checks the registry if no content can be a control: the base endpoint must accept the credentials, and the tag list must
 * be a tag list. An object store has no empty folders, so there a repository without tags is unknown.
 */
async function checkRepository(tools, options, empty) {
    const { client } = tools;
    const list = await pastCache(tools, options, (how) => client.tagPage(options.repository, undefined, readingFor(how, 'control')));
    if (list instanceof WireError)
        return { kind: 'control-unanswered', failure: list.message };
    const cache = cacheOf(list);
    if (cache !== undefined)
        return { kind: 'control-cached', control: LIST, cache };
    if (!(empty && isAbsentRepository(list))) {
        if (list.status !== 200 || list.cut)
            return { kind: 'control-refused', control: LIST, answered: describe(list) };
        if (tagsOnPage(options.repository, list.body) === undefined)
            return { kind: 'control-no-list' };
    }
    const base = await pastCache(tools, options, (how) => client.base(readingFor(how, 'control')));
    if (base instanceof WireError)
        return { kind: 'control-unanswered', failure: base.message };
    if (base.status === 200)
        return undefined;
    return { kind: 'control-refused', control: { kind: '/v2/' }, answered: describe(base) };
}
/** Sends a request. If the response comes out of a cache, sends it again with a query string that no cache has seen. */
async function pastCache({ random }, options, send) {
    const response = await attempt(send(options));
    if (response instanceof WireError || cacheOf(response) === undefined)
        return response;
    return attempt(send({ ...options, cacheBuster: random.hex(8) }));
}
function request({ client }, options, { kind, digest }) {
    const reading = readingFor(options, 'control');
    return kind === 'manifest'
        ? client.manifest(options.repository, digest, reading)
        : client.blob(options.repository, digest, reading);
}

;// CONCATENATED MODULE: ./src/proof/finding.ts





/**
 * Checks one item on one endpoint. If a 404 comes out of a cache, sends the request once more with a query string that the
 * cache has not seen.
 *
 * @throws Stopped
 */
async function check({ client, random }, options, item, endpoint) {
    const reading = readingFor(options, 'verify');
    const send = (cacheBuster) => {
        const how = cacheBuster === undefined ? reading : { ...reading, cacheBuster };
        return attempt(item.kind === 'tag' || endpoint === 'manifests'
            ? client.manifest(options.repository, item.name, how)
            : client.blob(options.repository, item.name, how));
    };
    let response = await send();
    if (!(response instanceof WireError) &&
        absenceOf(response) !== undefined &&
        cacheOf(response) !== undefined)
        response = await send(random.hex(8));
    const lost = response instanceof WireError ? undefined : response.lost;
    return { item, endpoint, seen: see(response, endpoint), ...(lost !== undefined && { lost }) };
}
/** @returns the result of the response to a GET, or of the failure */
function see(response, endpoint) {
    if (response instanceof WireError)
        return { is: 'inconclusive', flaw: { kind: 'proves-nothing', answered: response.message } };
    const how = absenceOf(response);
    const cache = cacheOf(response);
    if (how !== undefined && cache !== undefined)
        return { is: 'inconclusive', flaw: { kind: 'cached-absence', status: how.status, cache } };
    if (how !== undefined)
        return { is: 'absent', how };
    if (response.redirected)
        return { is: 'present', endpoint, flaw: { kind: 'redirected' } };
    if (response.status < 200 || response.status > 299)
        return { is: 'inconclusive', flaw: { kind: 'proves-nothing', answered: describe(response) } };
    const flaw = {
        kind: 'served',
        status: response.status,
        headersOnly: response.cut,
        ...(cache !== undefined && { cache }),
    };
    return { is: 'present', endpoint, flaw };
}
/**
 * @param never the response for a digest or tag that never existed
 * @returns `gone` if the response for the item is the same, else why it is not gone
 */
function finding_compare(seen, never) {
    if (seen.is !== 'absent')
        return seen;
    if (sameAbsence(seen.how, never))
        return { is: 'gone' };
    return {
        is: 'inconclusive',
        flaw: {
            kind: 'foreign-absence',
            answered: describeAbsence(seen.how),
            never: describeAbsence(never),
        },
    };
}
/** @returns the worse of two findings about one item, one from each endpoint */
function worse(one, other) {
    if (one === undefined || one.is === 'gone')
        return other;
    if (other.is === 'gone' || one.is === 'present') {
        // If both endpoints serve it, delete the manifest first: the registry may store manifests among its blobs.
        return other.is === 'present' && other.endpoint === 'manifests' ? other : one;
    }
    return other;
}

;// CONCATENATED MODULE: ./src/proof/never.ts





/**
 * The negative control: requests a random digest, which never existed, on one endpoint. A 404 for a purged digest comes
 * from the registry itself if it is the same as this response.
 *
 * @throws Stopped
 */
function neverDigest(tools, options, endpoint) {
    return never_request(tools, options, endpoint, `sha256:${tools.random.hex(32)}`);
}
/** Requests a random tag instead, since some registries return a different 404 for tags. @throws Stopped */
function neverTag(tools, options) {
    const tag = `registry-purge-never-${tools.random.hex(16)}`;
    return never_request(tools, options, 'manifests', tag);
}
async function never_request({ client }, options, endpoint, name) {
    const { repository } = options;
    const reading = readingFor(options, 'control');
    const response = await attempt(endpoint === 'manifests'
        ? client.manifest(repository, name, reading)
        : client.blob(repository, name, reading));
    if (response instanceof WireError)
        return { is: 'unclear', flaw: { kind: 'comparison-unanswered', endpoint, failure: response.message } };
    const how = absenceOf(response);
    const cache = cacheOf(response);
    if (how !== undefined && cache === undefined)
        return { is: 'absent', how };
    const flaw = {
        kind: 'comparison-refused',
        endpoint,
        answered: describe(response),
        ...(cache !== undefined && { cache }),
    };
    return { is: 'unclear', flaw };
}

;// CONCATENATED MODULE: ./src/proof/round.ts





/**
 * Checks each item as an independent client would: every request uses its own connection, and the order is random. Two
 * kinds of controls are among the requests: content that must exist, and on each endpoint a digest that never existed. A
 * manifest is checked on both endpoints. A request whose response proves nothing (429, 5xx, a reset) is retried a few
 * times, each time on another connection. Otherwise no proof would be possible for a registry that loses some responses.
 *
 * @param controls candidates for the content that must exist, the preferred one first
 * @throws Stopped
 */
async function checkRound(tools, options, items, controls) {
    const requests = [];
    const checks = [];
    const never = new Map();
    let controlled = { absent: [] };
    const used = new Set();
    for (const item of items)
        for (const endpoint of endpointsOf(item)) {
            used.add(endpoint);
            requests.push(async () => void checks.push(await check(tools, options, item, endpoint)));
        }
    for (const endpoint of used)
        requests.push(async () => void never.set(endpoint, await neverDigest(tools, options, endpoint)));
    requests.push(async () => {
        controlled = await checkControl(tools, options, controls);
    });
    await counted(tools.progress, 'checks made', shuffled(requests, tools.random), tools.width, (send) => send());
    const comparison = new Comparison(tools, options, never);
    const { findings, responses } = await findingsOf(checks, comparison);
    const flaw = controlled.flaw ?? comparison.flaw;
    const onBlobs = never.get('blobs');
    return {
        ...(onBlobs?.is === 'absent' && { never: onBlobs.how }),
        findings,
        responses,
        lost: checks.flatMap(({ lost }) => (lost === undefined ? [] : [lost])),
        controlsAbsent: controlled.absent,
        ...(flaw !== undefined && { controlFlaw: flaw }),
    };
}
function endpointsOf({ kind }) {
    return kind === 'blob' ? ['blobs'] : kind === 'tag' ? ['manifests'] : ['manifests', 'blobs'];
}
/** @throws Stopped */
async function findingsOf(checks, comparison) {
    const findings = new Map();
    const responses = new Map();
    for (const each of checks) {
        const { name } = each.item;
        const finding = await comparison.judge(each);
        findings.set(name, worse(findings.get(name), finding));
        const counts = responses.get(name) ?? { all: 0, present: 0 };
        if (finding.is !== 'inconclusive')
            counts.all++;
        if (finding.is === 'present')
            counts.present++;
        responses.set(name, counts);
    }
    return { findings, responses };
}
/** Compares the 404s of items with those for digests and tags that never existed. */
class Comparison {
    #tools;
    #options;
    #never;
    #tag;
    /** Why the 404s cannot be compared; undefined if they can. */
    flaw;
    constructor(tools, options, never) {
        this.#tools = tools;
        this.#options = options;
        this.#never = never;
        for (const each of never.values())
            if (each.is === 'unclear')
                this.flaw ??= each.flaw;
    }
    /** @throws Stopped */
    async judge({ item, endpoint, seen }) {
        if (seen.is !== 'absent')
            return seen;
        const never = this.#never.get(endpoint);
        // This 404 does not count: `flaw` invalidates the whole round.
        if (never?.is !== 'absent')
            return { is: 'gone' };
        const finding = finding_compare(seen, never.how);
        if (item.kind !== 'tag' || finding.is === 'gone')
            return finding;
        const tag = await (this.#tag ??= neverTag(this.#tools, this.#options));
        return tag.is === 'absent' ? finding_compare(seen, tag.how) : finding;
    }
}

;// CONCATENATED MODULE: ./src/proof/standing.ts
/** The state of each item in the proof. A proof needs `attempts` clean rounds in a row (safety rule 9). */
class Standings {
    #least;
    #needed;
    #all = new Map();
    #clean = 0;
    constructor(items, attempts) {
        this.#least = attempts;
        this.#needed = attempts;
        for (const item of items)
            this.#all.set(item.name, { item, verdict: 'unchecked', rounds: 0 });
    }
    /** Clean rounds in a row, up to the last. */
    get clean() {
        return this.#clean;
    }
    /** Clean rounds in a row that the proof needs. */
    get needed() {
        return this.#needed;
    }
    /** Sets how many rounds the proof needs; never fewer than `attempts`. */
    need(rounds) {
        this.#needed = Math.max(this.#least, rounds);
        for (const [name, standing] of this.#all)
            if (standing.verdict === 'gone' && standing.rounds < this.#needed)
                this.#all.set(name, { ...standing, verdict: 'inconclusive' });
    }
    get proven() {
        return this.#clean >= this.#needed;
    }
    get all() {
        return [...this.#all.values()];
    }
    /** Adds a round. @param now milliseconds since the epoch @returns whether it was clean */
    add({ controlFlaw, findings }, now) {
        let clean = controlFlaw === undefined;
        for (const [name, finding] of findings) {
            const before = this.#all.get(name);
            if (before === undefined)
                continue;
            const counts = finding.is === 'gone' && controlFlaw === undefined;
            if (finding.is !== 'gone')
                clean = false;
            const rounds = counts ? before.rounds + 1 : 0;
            // Only every second round bypasses a cache without headers. So after a 200, one 404 does not show that the item is gone.
            const doubtful = before.verdict === 'present' && rounds === 1 && this.#needed > 1;
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
    /** Sets the verdict of an item to `present`: another check shows that it is served again. */
    revoke(name) {
        const before = this.#all.get(name);
        if (before !== undefined)
            this.#all.set(name, { item: before.item, verdict: 'present', rounds: 0 });
        this.#clean = 0;
    }
    /** Starts the proof again: a read or a DELETE may have brought back items that were gone. */
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
        return rounds >= this.#needed ? 'gone' : 'inconclusive';
    }
}

;// CONCATENATED MODULE: ./src/flow/prove/rounds.ts



/** Milliseconds that one check may take. */
const LONGEST_CHECK = 30_000;
const SHORTEST_CHECK = 1_000;
/** The rounds of one repository, and their results. */
class Rounds {
    standings;
    /** The failures of each check that succeeded only after some. */
    lost = [];
    /** Why the controls of the newest round do not confirm its 404s; undefined if they do. */
    controlFlaw;
    /** The last failure of a round: why a control did not confirm it, or why a check of an item proved nothing. */
    lastFlaw;
    /** The response on `/blobs/` for a digest that never existed. */
    never;
    /** How many rounds there were. */
    number = 0;
    #purge;
    #run;
    /** Controls that did not exist. */
    #absent = new Set();
    /** @param items the items to prove gone */
    constructor(purge, items, run) {
        this.#purge = purge;
        this.standings = new Standings(items, run.thoroughness.attempts);
        this.#run = run;
    }
    /** Whether there were enough clean rounds in a row, by the signs so far that replicas differ. */
    get proven() {
        this.standings.need(this.#run.replicas.rounds);
        return this.standings.proven;
    }
    /**
     * Makes a round.
     *
     * @param deadline milliseconds since the epoch after which nothing is sent again
     * @param healed whether an item was deleted again before this round
     * @returns the round, and whether it was clean
     * @throws Stopped
     */
    async check(items, deadline, healed) {
        const { plan, facts, tools } = this.#purge;
        const number = this.number++;
        const options = {
            repository: plan.repository,
            timeout: Math.min(LONGEST_CHECK, Math.max(SHORTEST_CHECK, deadline - tools.clock.now())),
            until: deadline,
            // A cache may send no headers that show it. Every second round bypasses it with a new query string.
            ...(number % 2 === 1 && { cacheBuster: tools.random.hex(8) }),
        };
        const controls = controlsFor(plan, facts, this.#absent, this.#run.elsewhere);
        const round = await checkRound(tools, options, items, controls(number, this.standings.clean));
        for (const digest of round.controlsAbsent)
            this.#absent.add(digest);
        this.lost.push(...round.lost);
        this.controlFlaw = round.controlFlaw;
        this.lastFlaw = rounds_flawOf(round) ?? this.lastFlaw;
        this.never = round.never ?? this.never;
        this.#run.replicas.add(round, (name) => healed || !this.#onlyAsBlob(name, round));
        this.standings.need(this.#run.replicas.rounds);
        return { round, clean: this.standings.add(round, tools.clock.now()) };
    }
    /**
     * Whether an item is a manifest that is served only as a blob. Before the first burst it was not deleted there, so it is no
     * sign that replicas differ.
     */
    #onlyAsBlob(name, { findings }) {
        const finding = findings.get(name);
        const isManifest = this.#purge.plan.manifests.some(({ digest }) => digest === name);
        return finding?.is === 'present' && finding.endpoint === 'blobs' && isManifest;
    }
}
function rounds_flawOf({ controlFlaw, findings }) {
    if (controlFlaw !== undefined)
        return controlFlaw;
    for (const finding of findings.values())
        if (finding.is === 'inconclusive')
            return finding.flaw;
    return undefined;
}

;// CONCATENATED MODULE: ./src/flow/prove/last.ts





/** The final checks of one repository: two requests, each of which can bring a purged blob back. */
class LastChecks {
    problems = [];
    /** Blobs that have a problem in `problems`. */
    reported = new Set();
    #purge;
    #standings;
    #journal;
    constructor(purge, standings, journal) {
        this.#purge = purge;
        this.#standings = standings;
        this.#journal = journal;
    }
    /** Requests purged blobs once on `/manifests/` if they may be served there too. @throws Stopped */
    async asManifests(items) {
        const blobs = blobsOf(items).filter((digest) => this.#mayBeManifest(digest));
        const found = await checkAsManifests(this.#purge.tools, this.#options, blobs);
        this.#add(found, 'manifest');
    }
    /**
     * Requests the first byte of each purged blob.
     *
     * @param never the response on `/blobs/` for a digest that never existed
     * @returns the blobs that are still served
     * @throws Stopped
     */
    async byRange(items, never) {
        const found = await checkByRange(this.#purge.tools, this.#options, blobsOf(items), never);
        this.#add(found, 'range');
        return found.flatMap(({ digest, is }) => (is === 'served' ? [digest] : []));
    }
    /** Deletes once more the blobs that the last check brought back. Reads nothing afterwards. @throws Stopped */
    async deleteOnceMore(digests) {
        if (digests.length === 0)
            return;
        this.problems.push(...(await deleteOnceMore(this.#purge, digests)));
    }
    get #options() {
        return { repository: this.#purge.plan.repository, timeout: LONGEST_CHECK };
    }
    #mayBeManifest(digest) {
        const planned = this.#purge.plan.blobs.find((blob) => blob.digest === digest);
        return planned === undefined || kindOf(essence(planned.mediaType)) !== 'blob';
    }
    #add(found, check) {
        const { repository } = this.#purge.plan;
        for (const { digest, is, answered } of found) {
            if (is === 'served')
                this.#standings.revoke(digest);
            const problem = is === 'unclear'
                ? { kind: 'final-check-unclear', repository, check, digest, answered }
                : { kind: SERVED[check], repository, digest, answered };
            this.problems.push(problem);
            this.reported.add(digest);
            this.#journal.note(say(problem).text);
        }
        if (found.length > 0)
            this.#journal.round(repository, this.#standings.all);
    }
}
const SERVED = { manifest: 'served-as-manifest', range: 'answers-range' };
function blobsOf(items) {
    return items.flatMap(({ kind, name }) => (kind === 'blob' ? [name] : []));
}

;// CONCATENATED MODULE: ./src/flow/prove/unproven.ts
/**
 * @param reported items that have a problem already
 * @param flaws why the controls of the newest round do not confirm its 404s, and the last failure of any round
 * @returns a problem for each item that is still served or inconclusive, and one problem for all items that lack rounds
 */
function unproven(standings, { plan, done }, reported, { controlFlaw: control, lastFlaw }) {
    const { repository } = plan;
    const failedRoots = new Set(plan.tags.flatMap(({ tag, root }) => (done.get(root)?.outcome === 'failed' ? [tag] : [])));
    const problems = [];
    const lacking = [];
    for (const { item, verdict, finding } of standings) {
        if (verdict === 'gone' || verdict === 'unchecked' || reported.has(item.name))
            continue;
        // Skip an item that was not removed: the purge has reported why.
        const outcome = done.get(item.name)?.outcome;
        if (outcome === 'failed' || (item.kind === 'tag' && outcome === 'kept'))
            continue;
        if (outcome === 'with-manifest' && failedRoots.has(item.name))
            continue;
        const flaw = finding === undefined || finding.is === 'gone' ? undefined : finding.flaw;
        if (verdict === 'present')
            problems.push({ kind: 'still-answers', repository, item, ...(flaw !== undefined && { flaw }) });
        else if (flaw === undefined)
            lacking.push(item);
        else
            problems.push({ kind: 'not-proven-gone', repository, item, flaw });
    }
    if (lacking.length > 0)
        problems.push({
            kind: 'too-few-rounds',
            repository,
            items: lacking,
            ...(control !== undefined && { control }),
            ...(control === undefined && lastFlaw !== undefined && { lastFlaw }),
        });
    return problems;
}
/** Finds named blobs that did not exist before the run: a proof that they are gone shows nothing. */
function blobsNeverThere({ plan, done }) {
    const digests = plan.blobs.flatMap(({ digest, named }) => named && done.get(digest)?.outcome === 'already-gone' ? [digest] : []);
    return digests.length === 0 ? [] : [{ kind: 'blobs-never-there', repository: plan.repository, digests }];
}
/**
 * Warns if checks got a response only after failures: a replica that failed was not checked, although another responded.
 *
 * @param lost the failures of each check that got a response only after failures
 */
function answeredAfterFailures(repository, lost) {
    if (lost.length === 0)
        return [];
    const failures = [...new Set(lost.flat())].sort();
    return [{ kind: 'answered-after-failures', repository, checks: lost.length, failures }];
}
/**
 * Finds purged tags that the registry still lists although their manifest is gone: a push of the same manifest would bring
 * them back.
 */
function stillListed({ plan, facts }) {
    const listed = new Set(facts.listed);
    const tags = plan.tags.flatMap(({ tag }) => listed.has(tag) && facts.tags.get(tag)?.is === 'unknown' ? [tag] : []);
    return tags.length === 0 ? [] : [{ kind: 'tags-still-listed', repository: plan.repository, tags }];
}

;// CONCATENATED MODULE: ./src/flow/prove/watch.ts
/** The items of one repository that the proof checks, without those that are kept after all. */
class Watch {
    all;
    problems = [];
    /** Content that is kept, with the tags that need it now. */
    left = new Map();
    #purge;
    /** Manifests that were unknown when the plan was made. */
    #unread;
    #givenUp = new Set();
    #newcomers = new Set();
    constructor(purge, execution) {
        this.#purge = purge;
        const { tags, manifests, blobs } = purge.plan;
        this.#unread = new Set(manifests.flatMap(({ digest, gone }) => (gone ? [digest] : [])));
        this.all = [
            ...tags.map(({ tag }) => ({ kind: 'tag', name: tag })),
            ...manifests.map(({ digest }) => ({ kind: 'manifest', name: digest })),
            ...blobs.map(({ digest }) => ({ kind: 'blob', name: digest })),
        ];
        for (const [digest, tags] of execution.left)
            this.#leave(digest, tags);
        for (const { name } of this.all) {
            const outcome = purge.done.get(name)?.outcome ?? 'kept';
            if (outcome === 'kept' || purge.refused.has(name))
                this.#givenUp.add(name);
        }
        for (const { tag, root } of tags)
            if (purge.done.get(tag)?.outcome === 'with-manifest' && this.#givenUp.has(root))
                this.#givenUp.add(tag);
    }
    /** The items to prove gone. */
    get items() {
        return this.all.filter(({ name }) => !this.#givenUp.has(name));
    }
    /** Whether no item was given up, and nothing was attached to a purged manifest during the run. */
    get complete() {
        return this.#givenUp.size === 0 && this.#newcomers.size === 0;
    }
    /** @returns the items that are still served and can be deleted again */
    stillThere({ findings }) {
        return this.items.flatMap((item) => {
            const finding = findings.get(item.name);
            if (finding?.is !== 'present')
                return [];
            if (item.kind === 'manifest' && this.#unread.has(item.name) && finding.endpoint === 'manifests') {
                this.#givenUp.add(item.name);
                this.#report({ kind: 'unknown-root-answers', ...this.#where, digest: item.name });
                return [];
            }
            return [{ item, endpoint: finding.endpoint }];
        });
    }
    /** Adds the items that a burst of DELETEs kept, and its problems. */
    addHealing({ left, movedTags, problems }) {
        this.problems.push(...problems);
        this.#leaveAll(left);
        for (const [tag, digest] of movedTags) {
            if (this.#givenUp.has(tag))
                continue;
            this.#givenUp.add(tag);
            this.#report({ kind: 'tag-pushed-again', ...this.#where, tag, digest });
        }
    }
    /**
     * Adds the results of the last check of the remaining tags: content that tags need now, and content that was attached to
     * a purged manifest during the run. Purged tags that resolve need nothing here: after a round they are deleted again,
     * unless somebody pushed them.
     *
     * @returns the content that tags need now
     */
    addNeeded({ left, newcomers }) {
        this.#leaveAll(left);
        for (const newcomer of newcomers) {
            if (this.#newcomers.has(newcomer.digest))
                continue;
            this.#newcomers.add(newcomer.digest);
            this.#report({ kind: 'newcomer-left', ...this.#where, ...newcomer });
        }
        return [...left.keys()];
    }
    /** @returns purged tags that still point to a placeholder of this run */
    onPlaceholders({ tags }) {
        const { plan, placeholders } = this.#purge;
        return plan.tags.flatMap(({ tag }) => {
            const state = tags.get(tag);
            if (state?.is !== 'resolved' || !placeholders.has(state.digest) || this.#givenUp.has(tag))
                return [];
            return [{ kind: 'placeholder-stays', ...this.#where, tag, placeholder: state.digest }];
        });
    }
    get #where() {
        return { repository: this.#purge.plan.repository };
    }
    #report(problem) {
        this.problems.push(problem);
    }
    #leaveAll(left) {
        for (const [digest, tags] of left)
            if (!this.#givenUp.has(digest))
                this.#leave(digest, tags);
    }
    #leave(digest, tags) {
        this.#givenUp.add(digest);
        this.left.set(digest, tags);
        const deleted = this.#purge.done.get(digest)?.outcome === 'deleted';
        this.#report({ kind: deleted ? 'deleted-too-early' : 'left-for-tags', ...this.#where, digest, tags });
    }
}

;// CONCATENATED MODULE: ./src/flow/prove/repository-proof.ts










const repository_proof_FIRST_PAUSE = 250;
const repository_proof_LONGEST_PAUSE = 5_000;
/**
 * The proof of one repository. The order matters, since some registries bring a digest back when it is read elsewhere.
 * First the remaining tags are read. Then rounds of checks prove that the purged items are gone. At the end each purged
 * blob is requested in the two ways that could bring it back. Nothing is read after that.
 */
class RepositoryProof {
    purge;
    #execution;
    #journal;
    /** Milliseconds between two rounds, or more. */
    #interval;
    #watch;
    #standings;
    #rounds;
    #last;
    #remaining;
    /** The remaining tags were not checked since the last burst of DELETEs. */
    #remainingIsStale = true;
    #bursts = 0;
    /** Milliseconds of `verify-timeout` that are left. */
    #left;
    constructor(purge, execution, journal, run) {
        this.purge = purge;
        this.#execution = execution;
        this.#interval = run.thoroughness.interval;
        this.#journal = journal;
        this.#watch = new Watch(purge, execution);
        this.#rounds = new Rounds(purge, this.#watch.all, run);
        this.#standings = this.#rounds.standings;
        this.#last = new LastChecks(purge, this.#standings, journal);
        this.#remaining = unchecked({ kind: 'remaining-unchecked', repository: purge.plan.repository });
        this.#left = run.thoroughness.timeout;
    }
    /** Whether there were enough clean rounds in a row, by the signs so far that replicas differ. */
    get proven() {
        return this.#rounds.proven;
    }
    /** Whether the proof is not complete, and there is time left for it. */
    get open() {
        return this.#watch.items.length > 0 && this.#left > 0 && !this.proven;
    }
    /** Checks every tag that was to be kept, and whether a tag needs deleted content. @throws Stopped */
    async checkRemaining() {
        const { plan, tools } = this.purge;
        try {
            const seen = await this.purge.freshness.checkAgain('end');
            for (const name of this.#watch.addNeeded(seen))
                this.#standings.revoke(name);
            this.#remaining = await checkRemaining(tools, this.purge);
        }
        catch (error) {
            // A failed check proves nothing.
            if (!(error instanceof WireError || error instanceof ListError))
                throw error;
            const { repository } = plan;
            this.#remaining = unchecked({ kind: 'remaining-unchecked', repository, cause: problemOf(error) });
        }
        this.#remainingIsStale = false;
        this.#journal.remaining(plan.repository, this.#remaining.remaining);
    }
    /** Starts the proof again: a read or a DELETE in another repository may have brought items back. */
    restart() {
        this.#standings.restart();
        this.#reportStandings();
    }
    /**
     * Makes rounds until enough of them are clean in a row. Deletes items again that are still served. Gives up when the time
     * is up.
     *
     * @returns whether it read or deleted content that may bring back items that another repository purged
     * @throws Stopped
     */
    async prove() {
        const { plan, tools } = this.purge;
        const { client, clock } = tools;
        const deadline = clock.now() + this.#left;
        let disturbed = false;
        let dirty = 0;
        client.throwIfStopped();
        this.#journal.begin(plan.repository, 'Verify');
        while (this.#watch.items.length > 0) {
            client.throwIfStopped();
            const { round, clean } = await this.#check(deadline);
            if (clean && this.#remainingIsStale) {
                await this.checkRemaining();
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
            const pause = Math.max(this.#interval, pauseBeforeRound(dirty));
            await clock.sleep(Math.min(pause, Math.max(0, deadline - clock.now())), client.stop);
        }
        this.#left = Math.max(0, deadline - clock.now());
        if (this.#remainingIsStale) {
            await this.checkRemaining();
            disturbed = true;
        }
        this.#reportStandings();
        const summary = sayProof(this.#standings, this.#remaining.remaining, this.#whole);
        this.#journal.end(plan.repository, 'Verify', summary);
        return disturbed;
    }
    /** Requests purged blobs once on `/manifests/`. Call it only if the repository is proven. @throws Stopped */
    checkAsManifests() {
        return this.#last.asManifests(this.#watch.items);
    }
    /**
     * Requests the first byte of each purged blob, as the last check. A registry that shares blobs between repositories may
     * serve it, and from then on serves the whole blob.
     *
     * @returns the blobs that are served. The caller must delete them once more, after the last read
     * @throws Stopped
     */
    checkByRange() {
        return this.#last.byRange(this.#watch.items, this.#rounds.never);
    }
    /** Deletes once more the blobs that the last check brought back. Reads nothing afterwards. @throws Stopped */
    deleteOnceMore(digests) {
        return this.#last.deleteOnceMore(digests);
    }
    /** @returns the result of the proof. Call it after the last check */
    conclude() {
        const { plan } = this.purge;
        // Another repository may have shown meanwhile that more rounds are needed.
        this.#reportStandings();
        const proven = this.#whole && this.#last.problems.length === 0;
        if (proven)
            this.purge.confirmLabels();
        const purgeProblems = this.#execution.problems;
        const warnings = [
            ...stillListed(this.purge),
            ...answeredAfterFailures(plan.repository, this.#rounds.lost),
            ...this.#remaining.warnings,
        ];
        if (!proven)
            return {
                proven,
                left: this.#watch.left,
                problems: [...this.#problems(), ...purgeProblems],
                warnings,
            };
        // The responses to DELETEs of tags do not matter once the proof is complete. The other problems become warnings.
        const notes = purgeProblems.filter((each) => !('item' in each && each.item.kind === 'tag'));
        return {
            proven,
            left: this.#watch.left,
            problems: [],
            warnings: [...notes, ...blobsNeverThere(this.purge), ...warnings],
        };
    }
    #problems() {
        const { problems, reported } = this.#last;
        const earlier = [...this.#watch.problems, ...problems];
        if (this.proven)
            return [...earlier, ...this.#remaining.problems];
        const placed = this.#watch.onPlaceholders(this.purge.facts);
        const names = new Set([...reported, ...placed.map(({ tag }) => tag)]);
        const open = unproven(this.#standings.all, this.purge, names, this.#rounds);
        return [...earlier, ...placed, ...open, ...this.#remaining.problems];
    }
    /** Whether every item to delete is gone, and every tag to keep is complete. */
    get #whole() {
        return this.proven && this.#watch.complete && this.#remaining.problems.length === 0;
    }
    async #check(deadline) {
        const checked = await this.#rounds.check(this.#watch.items, deadline, this.#bursts > 0);
        this.#reportStandings();
        this.#journal.note(sayRound(this.#rounds.number, checked.round, this.#standings));
        return checked;
    }
    async #heal(present) {
        const healing = await heal(this.purge, present, this.#bursts);
        // A burst that the registry delayed does not count.
        if (!healing.putOff)
            this.#bursts++;
        this.#remainingIsStale = true;
        this.#watch.addHealing(healing);
        for (const why of healing.unsure)
            this.#journal.note(`nothing was deleted again: ${sayBecause(why)}`);
    }
    #reportStandings() {
        this.#journal.round(this.purge.plan.repository, this.#standings.all);
    }
}
function unchecked(problem) {
    return { remaining: [], warnings: [], problems: [problem] };
}
/** @param dirty how many of the last rounds, in a row, were not clean @returns milliseconds */
function pauseBeforeRound(dirty) {
    return dirty === 0 ? 0 : Math.min(repository_proof_LONGEST_PAUSE, repository_proof_FIRST_PAUSE * 2 ** (dirty - 1));
}

;// CONCATENATED MODULE: ./src/flow/prove/prove.ts



/**
 * Proves the purge: checks the remaining tags of all repositories, searches other repositories, and then proves each one.
 *
 * @throws Stopped, and defects
 */
async function proveAll(all, purging) {
    const { journal, results, search } = purging;
    try {
        const proofs = proofsOf(all, purging);
        for (const proof of proofs)
            await proof.checkRemaining();
        const forbidden = await search.forbids(all.map(({ purge }) => purge.plan), new Set(proofs.map(({ purge }) => purge.plan.repository)));
        await proveInOrder(proofs);
        for (const proof of proofs) {
            const { repository } = proof.purge.plan;
            const { proven, left, problems, warnings } = proof.conclude();
            for (const [digest, heldBy] of left)
                journal.left(repository, digest, heldBy);
            for (const problem of problems)
                journal.problem(problem, repository);
            for (const warning of warnings)
                journal.warn(warning, repository);
            results.end(repository, proven && !forbidden ? 'purged' : 'incomplete');
        }
    }
    finally {
        // If the run is stopped during a burst, withdraw the requests that it announced and did not send.
        for (const { purge } of all)
            journal.withdraw(purge.plan.repository);
    }
}
/** Leaves out repositories that were refused or failed: there is nothing to prove. */
function proofsOf(all, { settings, journal }) {
    const replicas = new Replicas();
    const thoroughness = {
        attempts: settings.verifyAttempts,
        interval: settings.verifyInterval,
        timeout: settings.verifyTimeout,
    };
    return all.flatMap(({ purge, execution }) => {
        if (execution === undefined)
            return [];
        if (purge.differed)
            replicas.noteDifference();
        const others = all.filter((other) => other.purge !== purge);
        const purged = others.flatMap((other) => [...other.purge.plan.manifests, ...other.purge.plan.blobs]);
        const elsewhere = new Set(purged.map(({ digest }) => digest));
        return [new RepositoryProof(purge, execution, journal, { thoroughness, elsewhere, replicas })];
    });
}

;// CONCATENATED MODULE: ./src/purge/delete/mirrored.ts




/**
 * Deletes manifests as blobs as well. Some registries (olareg) store manifests among their blobs, and still serve them as
 * blobs after the manifest was deleted. The responses do not matter: the proof shows whether it worked.
 *
 * Requests one manifest as a blob to find out whether this is such a registry, and only if it has a referrers API.
 * Distribution has none. It serves a manifest as a blob only out of a stale cache, which the proof detects and heals.
 *
 * @param manifests deleted ones, which no tag needs
 */
async function deleteMirrored(purge, manifests) {
    const { client, capabilities, journal, width } = purge.tools;
    const { repository } = purge.plan;
    const deleted = manifests.filter((digest) => {
        const outcome = purge.done.get(digest)?.outcome;
        return outcome === 'deleted' || outcome === 'already-gone';
    });
    const [first] = deleted;
    if (first === undefined || !(await capabilities.hasReferrersApi(repository)))
        return;
    const response = await attempt(client.blob(repository, first, { purpose: 'look-up' }));
    if (response instanceof WireError || response.status !== 200)
        return;
    journal.note('This registry stores manifests among its blobs, so they are deleted there as well');
    purge.intend(deleted.map((name) => ({ kind: 'blob', name })));
    await each(deleted, width, async (name) => {
        if (client.stop.aborted)
            return;
        journal.about(repository);
        purge.mayHaveWritten();
        await attempt(sendDelete(purge, { kind: 'blob', name }, { fresh: false }));
    });
}

;// CONCATENATED MODULE: ./src/plan/outdated.ts
/** Finds changes between the survey and the first write. If there is one, nothing may be written. */
function outdated({ plan, again, seen, facts }) {
    const { repository } = plan;
    return [
        ...seen.moved.map(({ tag, digest }) => ({ kind: 'tag-moved', repository, tag, digest })),
        ...seen.revived.map((tag) => ({ kind: 'tag-revived', repository, tag })),
        ...seen.unsure,
        ...countedGone(plan, facts),
        ...appeared(plan, again, seen.newcomers),
    ];
}
/** If a tag that counted for `keep-newest` is gone, the next image takes its place. */
function countedGone({ repository, selection, tags }, facts) {
    const known = new Set([...facts.listed, ...tags.map(({ tag }) => tag)]);
    return (selection?.counted ?? [])
        .filter((tag) => !known.has(tag))
        .map((tag) => ({ kind: 'counted-tag-gone', repository, tag }));
}
/** Finds tags and manifests that were attached to the image after the plan was made: the user did not approve them. */
function appeared({ repository, tags }, again, newcomers) {
    const planned = new Set(tags.map(({ tag }) => tag));
    const found = new Map();
    for (const { tag, belongsTo } of again.tags)
        if (!planned.has(tag))
            found.set(tag, newcomer(repository, { tag }, belongsTo));
    for (const { tag, digest, subject } of newcomers)
        found.set(tag ?? digest, newcomer(repository, tag === undefined ? { digest } : { tag }, subject));
    return [...found.values()];
}
function newcomer(repository, name, subject) {
    return { kind: 'newcomer', repository, name, ...(subject !== undefined && { subject }) };
}

;// CONCATENATED MODULE: ./src/purge/first-check.ts



/** Protected tags that are re-read before the first write, at most: globs can protect thousands. */
const first_check_FEW = 100;
/**
 * Checks the repository before the first write, and makes the plan again from the new facts.
 *
 * @throws Stopped
 */
async function checkFirst(purge, known) {
    const { rules, aged, ...surveyed } = known;
    const { remaining } = purge.plan;
    const guarded = remaining.filter((each) => each.protected).map(({ tag }) => tag);
    const check = await checked(purge.freshness.checkAgain(aged ? 'all' : 'going', guarded.slice(0, first_check_FEW)));
    if (check.is === 'unchecked')
        return { refused: [check.problem], left: new Map() };
    const { seen } = check;
    const again = planRepository({ ...surveyed, survey: { ...surveyed.survey, ...purge.facts } }, rules);
    const refused = [...outdated({ plan: purge.plan, again, seen, facts: purge.facts }), ...again.refusals];
    return { refused, left: seen.left };
}

;// CONCATENATED MODULE: ./src/purge/delete/record-removal.ts

/** Records the final result of a removal. @returns the problem, if there is one */
function recordRemoval(purge, item, removal) {
    const detail = detailOf(removal);
    const via = item.kind === 'tag' ? { via: dialects_byName(purge.plan.way).name } : {};
    if (removal.is === 'deleted' || removal.is === 'already-gone') {
        purge.record({ item, outcome: removal.is, ...via, ...(detail !== undefined && { detail }) });
        return [];
    }
    if (removal.is === 'denied')
        purge.denied = true;
    purge.record({ item, outcome: record_removal_outcomeOf(removal), ...(detail !== undefined && { detail }) });
    // The problem of the item above says that this one was not deleted.
    if (removal.is === 'kept' && removal.because.is === 'above-refused')
        return [];
    return [record_removal_problemOf(purge, item, removal)];
}
function record_removal_outcomeOf({ is }) {
    return is === 'kept' || is === 'unknown' ? is : 'failed';
}
function detailOf(removal) {
    if (removal.is === 'kept')
        return { is: 'kept', because: removal.because };
    return 'answered' in removal ? { is: 'answered', answered: removal.answered } : removal.detail;
}
function record_removal_problemOf(purge, item, removal) {
    const { repository } = purge.plan;
    const { missingRight: right } = purge;
    const notPermitted = (answered) => ({
        kind: 'delete-not-permitted',
        repository,
        item,
        answered,
        ...(right !== undefined && { right }),
    });
    switch (removal.is) {
        case 'kept':
            return { kind: 'item-kept', repository, item, because: removal.because };
        case 'unknown':
            return { kind: 'outcome-unknown', repository, item, detail: removal.detail };
        case 'failed':
            return { kind: 'item-not-deleted', repository, item, detail: removal.detail };
        case 'denied':
            return notPermitted(removal.answered);
        case 'refused':
            return removal.why === 'forbidden'
                ? notPermitted(removal.answered)
                : refusedProblem(purge, item, removal, removal.why);
        case 'unsupported':
            return {
                kind: 'item-not-deleted',
                repository,
                item,
                detail: { is: 'answered', answered: removal.answered },
            };
    }
}
function refusedProblem({ plan, refused }, item, { answered }, why) {
    const below = refused.countBelow(item, plan);
    return { kind: 'delete-refused', repository: plan.repository, item, answered, why, below };
}

;// CONCATENATED MODULE: ./src/purge/delete/absent.ts





/**
 * Checks whether a 404 comes from the registry itself, since a gateway may return 404 in its place. Requests a random
 * digest, which never existed. The 404 counts only if both responses are 404s of the same form.
 *
 * @param response the response to the GET of a digest
 * @returns whether the registry itself does not have the digest
 * @throws Stopped
 */
async function isAbsent({ plan, tools: { client, random } }, kind, response) {
    const absence = absenceOf(response);
    if (absence === undefined || cacheOf(response) !== undefined)
        return false;
    const never = `sha256:${random.hex(32)}`;
    const other = await attempt(kind === 'manifest'
        ? client.manifest(plan.repository, never, FRESH_READ)
        : client.blob(plan.repository, never, FRESH_READ));
    const expected = other instanceof WireError ? undefined : absenceOf(other);
    return expected !== undefined && sameAbsence(absence, expected);
}

;// CONCATENATED MODULE: ./src/purge/delete/find.ts




/**
 * Checks an item before its DELETE if the newest check is too old, since hundreds of DELETEs take a while. For content it
 * checks the tags of the repository. For a tag it reads the tag.
 *
 * @throws Stopped
 */
function checkStale(purge, item) {
    return unclearIfFailed(async () => {
        if (item.kind === 'tag')
            return judgeTag(purge, item.name, await purge.tools.surveyor.tag(item.name));
        await purge.freshness.ensureFresh();
        return { is: 'there' };
    });
}
/**
 * Finds out whether an item exists and may still be deleted, after a DELETE with an unknown outcome or after a pause.
 *
 * @throws Stopped
 */
function find(purge, item) {
    const { client, surveyor } = purge.tools;
    const { repository } = purge.plan;
    return unclearIfFailed(async () => {
        if (item.kind === 'tag')
            return judgeTag(purge, item.name, await surveyor.tag(item.name));
        const response = item.kind === 'manifest'
            ? await client.manifest(repository, item.name, FRESH_READ)
            : await client.blob(repository, item.name, FRESH_READ);
        if (isGone(response))
            return { is: (await isAbsent(purge, item.kind, response)) ? 'gone' : 'foreign' };
        if (response.status !== 200)
            return { is: 'unclear' };
        await purge.freshness.checkedSincePause();
        const because = purge.forbids(item);
        return because === undefined ? { is: 'there' } : { is: 'kept', because };
    });
}
function judgeTag({ plan }, tag, state) {
    if (state.is === 'unknown')
        return { is: 'gone' };
    if (state.is !== 'resolved')
        return { is: 'unclear' };
    const planned = plan.tags.find((each) => each.tag === tag);
    if (planned?.digest === state.digest)
        return { is: 'there' };
    return { is: 'kept', because: { is: 'moved', to: state.digest } };
}
async function unclearIfFailed(check) {
    try {
        return await check();
    }
    catch (error) {
        if (error instanceof ListError || error instanceof WireError)
            return { is: 'unclear' };
        throw error;
    }
}

;// CONCATENATED MODULE: ./src/purge/delete/removal.ts


/**
 * Judges the response to a DELETE, by the table of responses (`registry/answers/deletes.ts`).
 *
 * @returns undefined if the response is not conclusive, so that a check must decide
 */
function removal_judge(response, item) {
    const answered = describe(response);
    const means = meaningOf(`delete-${item.kind}`, response);
    switch (means) {
        case 'done':
        case 'asynchronous': {
            const hasErrors = errorEntries(response.body).length > 0;
            return { is: 'deleted', ...(hasErrors && { detail: { is: 'answered', answered } }) };
        }
        case 'unknown':
            return { is: 'already-gone' };
        case 'unauthenticated':
            return { is: 'denied', answered };
        case 'unsupported':
            return item.kind === 'tag' ? { is: 'unsupported', answered } : undefined;
        case 'forbidden':
        case 'referenced':
        case 'locked':
            return refusal(response, means);
        case 'foreign':
            return isGone(response) ? undefined : refusal(response, means);
        case 'perhaps-unknown':
        case 'unclear':
            // A tag: whether it is gone, or locked, or no tag can be deleted by name, is found out later.
            return item.kind === 'tag' && response.status === 404 ? refusal(response, 'locked') : undefined;
        default:
            return undefined;
    }
}
function refusal(response, why) {
    const { status } = response;
    return { is: 'refused', answered: describe(response), why, status, code: firstCode(response) };
}

;// CONCATENATED MODULE: ./src/purge/delete/remove.ts








/**
 * Removes one item.
 *
 * If the outcome of a DELETE is unknown (reset, time-out, 5xx), the item is checked before the DELETE is sent again. So is
 * an item whose DELETE was delayed, since somebody may have pushed a tag meanwhile (safety rule 12). Every pause comes
 * before the check, and the DELETE follows right after it. If the registry requests a pause, the DELETE changed nothing, so
 * it is sent again after the pause, until the run ends.
 *
 * If a registry deletes in steps, each step is a DELETE of its own, with the same checks before it.
 *
 * @throws Stopped when no request is in flight any more
 */
function remove(purge, item) {
    return new Attempts(purge, item).run();
}
/** The attempts to remove one item. */
class Attempts {
    #purge;
    #item;
    #steps;
    #tried = 1;
    /** How often the registry requested a pause. */
    #pauses = 0;
    /** The response to the last DELETE, if it does not show whether the DELETE worked. */
    #unclear;
    /** The item existed before its DELETE. Only then does a 404 after the DELETE show that this run deleted it. */
    #seen;
    constructor(purge, item) {
        this.#purge = purge;
        this.#item = item;
        this.#steps = new Steps(purge, item);
        this.#seen = item.kind === 'tag' || purge.facts.manifests.has(item.name);
    }
    async run() {
        for (;;) {
            await waitForHold(this.#purge);
            const next = await this.#check();
            if (next.is === 'end')
                return next.removal;
            if (next.is === 'check-again')
                continue;
            const because = this.#purge.forbids(this.#item);
            if (because !== undefined)
                return { is: 'kept', because };
            const removal = await this.#send();
            if (removal !== undefined)
                return removal;
        }
    }
    #check() {
        const { freshness } = this.#purge;
        if (this.#unclear !== undefined || freshness.hasWaited)
            return this.#findAgain();
        return freshness.isStale(this.#item) ? this.#checkStale() : { is: 'send' };
    }
    /** Checks whether the item exists and may still be deleted, before a DELETE is sent again. */
    async #findAgain() {
        let found = await find(this.#purge, this.#item);
        while (found.is === 'unclear' && ++this.#tried <= pauses_TRIES) {
            await this.#sleep(pauseBetween(this.#tried));
            found = await find(this.#purge, this.#item);
        }
        const removal = this.#judgeFound(found);
        if (removal !== undefined)
            return { is: 'end', removal };
        this.#seen = true;
        if (this.#unclear !== undefined && this.#tried > pauses_TRIES)
            return { is: 'end', removal: { is: 'failed', detail: answered(this.#unclear) } };
        return { is: 'send' };
    }
    /** @returns undefined if the item exists and may be deleted */
    #judgeFound(found) {
        const response = this.#unclear;
        switch (found.is) {
            case 'there':
                return undefined;
            case 'kept':
                return found;
            case 'foreign': {
                const detail = { is: 'foreign-404', ...(response !== undefined && { answered: response }) };
                return { is: 'unknown', detail };
            }
            case 'unclear':
                return { is: 'unknown', detail: response === undefined ? { is: 'unchecked' } : answered(response) };
            case 'gone':
                if (response === undefined)
                    return { is: this.#steps.begun ? 'deleted' : 'already-gone' };
                return {
                    is: this.#seen ? 'deleted' : 'already-gone',
                    detail: { is: 'found-gone', answered: response, seen: this.#seen },
                };
        }
    }
    async #checkStale() {
        const found = await checkStale(this.#purge, this.#item);
        if (found.is === 'kept')
            return { is: 'end', removal: found };
        if (found.is === 'gone')
            return { is: 'end', removal: { is: 'already-gone' } };
        if (found.is !== 'unclear')
            return { is: 'send' };
        if (++this.#tried > pauses_TRIES)
            return { is: 'end', removal: { is: 'failed', detail: { is: 'unchecked' } } };
        await this.#sleep(pauseBetween(this.#tried));
        return { is: 'check-again' };
    }
    /** Sends the DELETE. @returns undefined if the response is not conclusive */
    async #send() {
        const { freshness, plan, tools, touched } = this.#purge;
        tools.journal.about(plan.repository, this.#item);
        if (this.#item.kind !== 'tag')
            touched.add(this.#item.name);
        const response = await attemptDelete(this.#purge, this.#item, {
            fresh: false,
            step: this.#steps.query,
        });
        const pause = requestedPause(this.#purge, response, this.#pauses);
        if (pause !== undefined) {
            this.#pauses++;
            await this.#sleep(pause);
            freshness.pauseEnded();
            return undefined;
        }
        if (!(response instanceof WireError)) {
            const step = this.#steps.after(response);
            if (step !== undefined)
                return step.is === 'stuck' ? { is: 'failed', detail: step.detail } : undefined;
            const removal = this.#judge(response);
            if (removal !== undefined)
                return removal;
        }
        this.#purge.mayHaveWritten();
        this.#unclear = outcomeOf(response);
        await this.#sleep(pauseBetween(this.#tried++));
        freshness.outdate();
        return undefined;
    }
    #judge(response) {
        const removal = removal_judge(response, this.#item);
        if (isDenied(response))
            this.#purge.missingRight = rightFor(response, 'delete');
        // An earlier step of the DELETE may have deleted the item itself.
        if (removal?.is === 'already-gone' && this.#steps.begun)
            return { ...removal, is: 'deleted' };
        if (removal !== undefined)
            this.#noteReplicas(removal);
        return removal;
    }
    /** Notes that replicas differ: the item could be read after its tag was deleted, but was gone before its own DELETE. */
    #noteReplicas({ is }) {
        if (is === 'already-gone' && this.#item.kind !== 'tag' && this.#purge.confirmed.has(this.#item.name))
            this.#purge.differed = true;
    }
    #sleep(ms) {
        const { client, clock } = this.#purge.tools;
        return clock.sleep(ms, client.stop);
    }
}
function answered(text) {
    return { is: 'answered', answered: text };
}

;// CONCATENATED MODULE: ./src/purge/stage.ts



const stage_KINDS = { 'Delete tag': 'tag', 'Delete manifest': 'manifest', 'Delete blobs': 'blob' };
/** Milliseconds. A registry that deletes later than it says may refuse what a deleted manifest still refers to. */
const PAUSES = [1000, 2000, 4000];
/** One step of a purge. It appears in the log only if there is something to do. */
class Stage {
    #purge;
    #step;
    #open = false;
    constructor(purge, step) {
        this.#purge = purge;
        this.#step = step;
    }
    open() {
        if (!this.#open)
            this.#purge.tools.journal.begin(this.#purge.plan.repository, this.#step);
        this.#open = true;
    }
    /** Ends the step, and reports to the journal how many items have each outcome. */
    close() {
        const { plan, tools } = this.#purge;
        if (this.#open)
            tools.journal.stageEnded(plan.repository, this.#step, this.#counts());
        this.#open = false;
    }
    /**
     * Removes manifests or blobs, one level after the other, but nothing below an item that the registry refuses to delete.
     * Retries refused items after all others, as long as some succeed: zot, GitLab and Harbor refuse to delete a child while
     * its parent exists.
     *
     * @throws Stopped
     */
    async removeAll(kind, contents) {
        if (contents.length === 0)
            return [];
        this.open();
        this.#purge.intend(contents.map(({ digest }) => ({ kind, name: digest })));
        const problems = [];
        let refused = await this.#removeLevels(kind, contents, problems);
        for (let pauses = 0; refused.length > 0 && !this.#purge.denied;) {
            const again = [];
            for (const { item } of refused)
                await this.#remove(item, problems, again);
            const helped = again.length < refused.length;
            refused = again;
            if (helped)
                continue;
            const pause = refused.some(mayPass) ? PAUSES[pauses++] : undefined;
            if (pause === undefined)
                break;
            await this.#purge.tools.clock.sleep(pause, this.#purge.tools.client.stop);
        }
        for (const { item, removal } of refused)
            problems.push(...recordRemoval(this.#purge, item, removal));
        return problems;
    }
    /** @returns the refused items */
    async #removeLevels(kind, contents, problems) {
        const { progress, width } = this.#purge.tools;
        const refused = [];
        const levels = [...Map.groupBy(contents, ({ level }) => level)].sort(([first], [second]) => first - second);
        const counting = progress.of(`${kind}s deleted`, contents.length);
        try {
            for (const [, level] of levels)
                await each(level, width, async ({ digest }) => {
                    await this.#remove({ kind, name: digest }, problems, refused);
                    counting.done();
                });
        }
        finally {
            counting.end();
        }
        return refused;
    }
    async #remove(item, problems, refused) {
        if (this.#purge.denied)
            return;
        const removal = await remove(this.#purge, item);
        const isRefused = removal.is === 'refused';
        if (isRefused)
            this.#purge.refused.add(item, this.#purge.plan, this.#purge.facts);
        else
            this.#purge.refused.remove(item);
        if (isRefused || (removal.is === 'kept' && removal.because.is === 'above-refused'))
            refused.push({ item, removal });
        else
            problems.push(...recordRemoval(this.#purge, item, removal));
    }
    #counts() {
        const counts = new Map();
        for (const { item, outcome } of this.#purge.done.values())
            if (item.kind === stage_KINDS[this.#step])
                counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        return counts;
    }
}
function mayPass({ removal }) {
    return removal.is === 'refused' && removal.why === 'referenced';
}

;// CONCATENATED MODULE: ./src/purge/delete/in-place.ts





/**
 * Checks that manifests and blobs whose DELETE the registry refused still exist. It may have deleted them although its
 * response was a refusal.
 *
 * @returns false if one is gone. Content that cannot be read counts as existing
 * @throws Stopped
 */
async function contentInPlace(purge) {
    const { client, width } = purge.tools;
    const { repository } = purge.plan;
    const refused = [...purge.done.values()].flatMap(({ item, outcome }) => outcome === 'failed' && item.kind !== 'tag' ? [item] : []);
    const gone = await each(refused, width, async ({ kind, name }) => {
        const response = await attempt(kind === 'manifest'
            ? client.manifest(repository, name, FRESH_READ)
            : client.blob(repository, name, FRESH_READ));
        return !(response instanceof WireError) && isGone(response) && isAbsent(purge, kind, response);
    });
    return !gone.includes(true);
}

;// CONCATENATED MODULE: ./src/purge/tags/in-place.ts

/**
 * Checks that the tags of the plan still exist. A refused run reports that nothing was written. But a registry may remove a
 * tag although its response was a refusal.
 *
 * @returns false if a tag is gone. A tag that cannot be read counts as existing
 * @throws Stopped
 */
async function tagsInPlace({ plan, tools }) {
    const { surveyor, width } = tools;
    const tags = plan.tags.filter(({ digest }) => digest !== undefined);
    const states = await each(tags, width, ({ tag }) => surveyor.tag(tag));
    return states.every(({ is }) => is !== 'unknown');
}

;// CONCATENATED MODULE: ./src/purge/tags/intend.ts
/** Announces to the journal that a step may remove these tags, except those that do not resolve. */
function intendTags(purge, tags) {
    const present = tags.filter(({ digest }) => digest !== undefined);
    purge.intend(present.map(({ tag }) => ({ kind: 'tag', name: tag })));
}

;// CONCATENATED MODULE: ./src/purge/tags/every-tag.ts

/** The statuses with which registries say that no tag can be deleted by name. */
const STATUSES = new Set([400, 404, 405]);
/**
 * Finds out whether the registry refuses to delete any tag by name, as it refused this one: then a random tag gets the same
 * status and code. Otherwise this tag is locked (safety rule 7).
 *
 * @throws Stopped
 */
async function refusesEveryTag({ tools, plan }, refusal) {
    if (refusal.why === 'foreign' || !STATUSES.has(refusal.status))
        return false;
    return (await attempt(tools.capabilities.refusesEveryTag(plan.repository, refusal))) === true;
}

;// CONCATENATED MODULE: ./src/purge/tags/retention.ts










const retention_TRIES = 4;
/**
 * Keeps manifests that lose their last tag. Gitea and similar registries keep a manifest only while a tag points to it, or
 * after a push by digest. There the DELETE of the last tag deletes the manifest, and breaks an index that lists it. So
 * before such a label is deleted, its manifest is pushed again by digest, with the bytes that the registry serves. On other
 * registries this push changes nothing.
 */
class Retention {
    #purge;
    #results = new Map();
    /** The responses to pushes that failed. */
    #refusals = new Map();
    /** The manifests that remaining tags point to, according to these facts. */
    #tagged;
    /** The refusal that shows that no manifest of this repository can be pushed. */
    #denied;
    constructor(purge) {
        this.#purge = purge;
    }
    /**
     * Makes sure that the manifest of a label outlives the label. Sends no request if a remaining tag points to it, or if an
     * earlier call pushed it.
     *
     * @throws Stopped
     */
    async keep({ tag, digest }) {
        if (digest === undefined || !this.losesLastTag(digest))
            return { is: 'free' };
        const result = this.#results.get(digest) ?? this.#keep(tag, digest);
        this.#results.set(digest, result);
        return result;
    }
    /** Whether a manifest loses all its tags. */
    losesLastTag(digest) {
        const { facts } = this.#purge;
        if (this.#tagged?.facts !== facts)
            this.#tagged = { facts, digests: new Set(this.#remainingTags().values()) };
        return !this.#tagged.digests.has(digest);
    }
    /** The response to the push of a manifest, if one was sent and failed. */
    refusal(digest) {
        return this.#refusals.get(digest);
    }
    async #keep(tag, digest) {
        const pushed = this.#denied ?? (await this.#push(tag, digest));
        if (pushed.is === 'pushed')
            return { is: 'free' };
        const { answered } = pushed;
        if (pushed.is === 'absent')
            return { is: 'kept', because: { is: 'unread-manifest', digest, answered } };
        this.#refusals.set(digest, answered);
        const by = this.#holders(digest);
        if (by.length === 0)
            return { is: 'free' };
        const { repository } = this.#purge.plan;
        const { right } = pushed;
        const because = { is: 'last-tag', repository, digest, by, answered };
        return { is: 'kept', because: { ...because, ...(right !== undefined && { right }) } };
    }
    /** Reads a manifest by its digest, and pushes it by that digest right after. @throws Stopped */
    async #push(tag, digest) {
        const { client, clock, journal } = this.#purge.tools;
        const { repository } = this.#purge.plan;
        for (let tried = 1;; tried++) {
            await clock.sleep(client.heldFor, client.stop);
            client.throwIfStopped();
            const response = await attempt(client.manifest(repository, digest, { purpose: 'look-up' }));
            const stored = storedIn(response, digest);
            if (stored.is === 'absent')
                return stored;
            journal.about(repository, { kind: 'tag', name: tag });
            const putResponse = await this.#put(digest, stored.response);
            const pushed = this.#judge(putResponse, digest);
            if (pushed?.is === 'pushed')
                journal.note(`${digest} was pushed again by its digest: it loses its last tag, but is kept`);
            if (pushed !== undefined)
                return pushed;
            const held = client.heldFor > 0 || (!(putResponse instanceof WireError) && putResponse.status === 429);
            if (tried === retention_TRIES && !held)
                return { is: 'refused', answered: outcomeOf(putResponse) };
            await clock.sleep(pauseAfter(putResponse, tried, clock.now()), client.stop);
            // A registry that requests a pause has changed nothing.
            if (held)
                tried--;
        }
    }
    async #put(digest, { headers, body }) {
        const { facts, plan, tools } = this.#purge;
        const mediaType = headers.get('content-type') ?? facts.manifests.get(digest)?.mediaType ?? OCI_MANIFEST;
        try {
            return await attempt(tools.client.putByDigest(plan.repository, digest, mediaType, body));
        }
        catch (error) {
            this.#purge.mayHaveWritten();
            throw error;
        }
    }
    /** Judges the response to a PUT. @returns undefined if it is not conclusive, so that the PUT is sent again */
    #judge(putResponse, digest) {
        const status = putResponse instanceof WireError ? undefined : putResponse.status;
        const refused = status !== undefined && status >= 400 && status < 500 && ![408, 429].includes(status);
        if (!refused)
            this.#purge.mayHaveWritten();
        if (putResponse instanceof WireError || status === undefined)
            return undefined;
        if (isStored(putResponse, digest))
            return { is: 'pushed' };
        const right = isDenied(putResponse) ? rightFor(putResponse, 'push') : undefined;
        const refusal = { is: 'refused', answered: describe(putResponse), right };
        if (isDenied(putResponse) || status === 405)
            this.#denied = refusal;
        return refused || status < 400 ? refusal : undefined;
    }
    /** The remaining tags, and the labels, whose manifests need this one. */
    #holders(digest) {
        const { plan, facts } = this.#purge;
        // A listed tag that is unknown for a moment still needs its content.
        const pointers = new Map([...pointersOf(plan.remaining), ...this.#remainingTags()]);
        const labels = labelsOf(plan.tags).filter((label) => label.digest !== digest);
        return new Holders(pointers, facts, new Set(), labels).of(new Set([digest])).get(digest) ?? [];
    }
    #remainingTags() {
        const { plan, facts } = this.#purge;
        const deleted = new Set(plan.tags.map(({ tag }) => tag));
        const remaining = new Map();
        for (const [tag, state] of facts.tags)
            if (state.is === 'resolved' && !deleted.has(tag))
                remaining.set(tag, state.digest);
        return remaining;
    }
}
/** Judges whether a response is the manifest with this digest. */
function storedIn(response, digest) {
    const absent = (answered) => ({ is: 'absent', answered });
    if (response instanceof WireError)
        return absent(response.message);
    const cache = cacheOf(response);
    if (cache !== undefined)
        return absent(`${response.status} out of a cache (${cache})`);
    if (response.status !== 200 || response.cut)
        return absent(describe(response));
    if (!matches(digest, hashedBytes(response.body) ?? response.body))
        return absent('200 with other bytes');
    return { is: 'stored', response };
}
/** Whether the registry stored the manifest under this digest. A 200 does not count: it may be a login page. */
function isStored({ status, headers }, digest) {
    const stated = headers.get('docker-content-digest')?.trim();
    return (status === 201 || status === 202) && (stated === undefined || stated === '' || stated === digest);
}

;// CONCATENATED MODULE: ./src/purge/tags/remove-labels.ts










/** How often to request a manifest before it counts as gone: a stale replica alone must not count. */
const remove_labels_READS = 2;
/**
 * Removes labels in the way that the survey found: the tag endpoint, GitLab's own endpoint, or a placeholder. If the
 * registry does not support it for a real tag, uses the next way.
 *
 * Some registries delete a manifest when its last tag is deleted or points to a placeholder. Distribution 2.x does not. So
 * a label is removed only when its manifest is certain to be kept (see Retention).
 *
 * @param labels that resolve
 * @throws Stopped
 */
async function removeLabels(purge, labels, retention = new Retention(purge)) {
    if (purge.plan.way === 'placeholder')
        return replaceLabels(purge, labels, retention);
    const removing = new LabelRemoval(purge, retention);
    await removing.removeAll(labels);
    return [...removing.problems, ...(await takeNextWay(purge, removing.unsupported, retention))];
}
/** Removes labels with a placeholder. */
async function replaceLabels(purge, labels, retention) {
    if (purge.tools.capabilities.keepsUntagged(purge.plan.repository))
        return placeholder(purge, labels);
    const problems = [];
    const free = [];
    for (const label of labels) {
        const retained = await retention.keep(label);
        if (retained.is === 'free')
            free.push(label);
        else
            problems.push(...recordRemoval(purge, { kind: 'tag', name: label.tag }, retained));
    }
    return free.length === 0 ? problems : [...problems, ...(await placeholder(purge, free))];
}
/** Removes labels by name. */
class LabelRemoval {
    problems = [];
    /** Labels to remove in another way. */
    unsupported = [];
    #purge;
    #retention;
    /** The problem if the registry deleted a manifest, which must be kept, together with its label. */
    #harm;
    constructor(purge, retention) {
        this.#purge = purge;
        this.#retention = retention;
    }
    async removeAll(labels) {
        const { progress, width } = this.#purge.tools;
        const rest = await this.#removeFirst(mostTelling(labels, this.#retention));
        await counted(progress, 'labels removed', rest, width, (label) => this.#remove(label));
        if (this.#harm === undefined)
            return;
        for (const { tag } of rest)
            this.#purge.record({ item: { kind: 'tag', name: tag }, outcome: 'kept', detail: { is: 'not-tried' } });
        this.problems.push(this.#harm);
    }
    /**
     * Removes labels one at a time until the registry has shown whether it deletes a manifest, and all other tags on it,
     * together with a label.
     *
     * @returns the remaining labels
     */
    async #removeFirst(labels) {
        const rest = [...labels];
        for (let label = rest.shift(); label !== undefined; label = rest.shift()) {
            await this.#remove(label);
            if (this.#purge.denied || this.unsupported.length > 0)
                break;
            const { tag, digest } = label;
            if (this.#purge.done.get(tag)?.outcome === 'kept')
                continue;
            if (rest.length > 0)
                this.#harm = await harmOf(this.#purge, label, this.#retention);
            if (this.#harm !== undefined || rest.every((other) => other.digest !== digest))
                break;
        }
        return rest;
    }
    async #remove(label) {
        if (this.#purge.denied || this.#harm !== undefined)
            return;
        const item = { kind: 'tag', name: label.tag };
        const retained = await this.#retention.keep(label);
        const removal = retained.is === 'free' ? await remove(this.#purge, item) : retained;
        const isUnsupported = removal.is === 'unsupported' ||
            (removal.is === 'refused' &&
                removal.code === 'UNSUPPORTED' &&
                (await refusesEveryTag(this.#purge, removal)));
        if (isUnsupported) {
            this.unsupported.push({ label, answered: removal.answered });
            return;
        }
        if (removal.is === 'refused')
            this.#purge.refused.add(item, this.#purge.plan, this.#purge.facts);
        this.problems.push(...recordRemoval(this.#purge, item, removal));
    }
}
/** Removes in another way the labels that the registry cannot delete by name. */
async function takeNextWay(purge, unsupported, retention) {
    const [first] = unsupported;
    if (first === undefined)
        return [];
    const { capabilities, journal } = purge.tools;
    const { repository, way } = purge.plan;
    const next = way === dialects_STANDARD.name ? await attempt(capabilities.untaggingWithout(repository)) : undefined;
    if (next === undefined || next instanceof WireError || next.is === 'impossible')
        return unsupported.flatMap(({ label, answered }) => recordRemoval(purge, { kind: 'tag', name: label.tag }, { is: 'unsupported', answered }));
    journal.note(`This registry cannot delete such a tag by name (${first.answered}), so it is removed in another way`);
    purge.plan = { ...purge.plan, way: next.way };
    const labels = unsupported.map(({ label }) => label);
    return removeLabels(purge, labels, retention);
}
/** Sorts labels: those that lose the last tag first, then small groups, and labels of the same manifest in a row. */
function mostTelling(labels, retention) {
    const groups = [...Map.groupBy(labels, ({ digest }) => digest)].map(([digest, group]) => ({
        group,
        keepsATag: digest !== undefined && !retention.losesLastTag(digest),
    }));
    groups.sort((one, other) => Number(one.keepsATag) - Number(other.keepsATag) || one.group.length - other.group.length);
    return groups.flatMap(({ group }) => group);
}
/** @returns the problem if the manifest of a removed label is gone, although it must be kept */
async function harmOf(purge, { tag, digest }, retention) {
    if (digest === undefined || purge.done.get(tag)?.outcome !== 'deleted')
        return undefined;
    const { client } = purge.tools;
    const { repository } = purge.plan;
    for (let reads = 0; reads < remove_labels_READS; reads++) {
        const response = await attempt(client.manifest(repository, digest, FRESH_READ));
        if (response instanceof WireError || !isGone(response))
            return undefined;
    }
    const pushAnswered = retention.refusal(digest);
    return {
        kind: 'label-took-manifest',
        repository,
        item: { kind: 'tag', name: tag },
        digest,
        ...(pushAnswered !== undefined && { pushAnswered }),
    };
}

;// CONCATENATED MODULE: ./src/purge/tags/served.ts


/**
 * Requests a manifest by digest after its tag was deleted, and notes the result in the log.
 *
 * @param notes words that follow the digest
 * @returns whether it is still served
 * @throws Stopped
 */
async function isServed({ plan, tools: { client, journal } }, digest, notes) {
    const response = await attempt(client.manifest(plan.repository, digest, { purpose: 'look-up' }));
    const isRead = !(response instanceof WireError);
    const served = isRead && response.status === 200;
    if (served)
        journal.note(`${digest} ${notes.served}`);
    else if (isRead && isGone(response))
        journal.note(`${digest} ${notes.gone}`);
    else
        journal.note(`${digest} was requested by digest, and the response was ${outcomeOf(response)}`);
    return served;
}

;// CONCATENATED MODULE: ./src/purge/tags/unresolved.ts
/** Records the tags of the plan that do not resolve as already gone. */
function recordUnresolved(purge) {
    for (const { tag, digest } of purge.plan.tags)
        if (digest === undefined)
            purge.record({ item: { kind: 'tag', name: tag }, outcome: 'already-gone' });
}

;// CONCATENATED MODULE: ./src/purge/tags/labels.ts







const NOTES = {
    served: 'is still there by digest, as it should be: only the label was removed',
    gone: 'can no longer be read by digest: this registry deleted it with its label',
};
/**
 * Carries out a plan of labels only (`scope: tag`). Requests their manifests by digest afterwards, to show that they are
 * kept.
 *
 * @throws Stopped; `purge` holds what was done
 */
async function executeLabels(purge) {
    const { tags } = purge.plan;
    recordUnresolved(purge);
    const present = tags.filter(({ digest }) => digest !== undefined);
    if (present.length === 0)
        return { refused: [], problems: [], left: new Map() };
    const problems = await removeInStage(purge, present);
    const wrote = purge.wrote || !(await tagsInPlace(purge));
    return { refused: wrote ? [] : problems, problems: wrote ? problems : [], left: new Map() };
}
async function removeInStage(purge, present) {
    const stage = new Stage(purge, 'Delete tag');
    stage.open();
    intendTags(purge, present);
    const problems = await removeLabels(purge, present);
    const roots = [...new Set(present.flatMap(({ digest }) => digest ?? []))];
    await each(roots, purge.tools.width, (digest) => isServed(purge, digest, NOTES));
    stage.close();
    return problems;
}

;// CONCATENATED MODULE: ./src/purge/tags/untag.ts






/**
 * Deletes tags by name. If the registry cannot do that (distribution 2.x), it refuses the first DELETE. Then no other is
 * sent, and the tags are deleted with their manifests.
 *
 * @param tags of the plan; those that do not resolve are skipped
 * @throws Stopped
 */
async function untag(purge, tags) {
    const { width, progress } = purge.tools;
    const problems = [];
    const one = async (tag) => void problems.push(...(await untagOne(purge, tag)));
    const names = tags.filter(({ digest }) => digest !== undefined).map(({ tag }) => tag);
    // Delete the first tag alone, to find out whether tags can be deleted by name.
    await each(names.slice(0, 1), 1, one);
    await counted(progress, 'tags deleted', names.slice(1), width, one);
    return problems;
}
async function untagOne(purge, tag) {
    const { capabilities } = purge.tools;
    const { repository } = purge.plan;
    const item = { kind: 'tag', name: tag };
    if (capabilities.tagsGoWithManifests(repository))
        return deleteWithManifest(purge, item);
    if (purge.denied)
        return [];
    const removal = await remove(purge, item);
    if (removal.is === 'refused')
        return endRefused(purge, item, removal);
    if (removal.is !== 'unsupported')
        return recordRemoval(purge, item, removal);
    return goOnByDigest(purge, item, removal.answered);
}
/** Finds out why the registry refuses to delete a tag: this tag is locked, or no tag can be deleted by name. */
async function endRefused(purge, item, refusal) {
    // A 404 with a code of the product's own may mean that the tag is gone.
    if (refusal.status === 404 && (await find(purge, item)).is === 'gone')
        return recordRemoval(purge, item, { is: 'already-gone' });
    if (await refusesEveryTag(purge, refusal))
        return goOnByDigest(purge, item, refusal.answered);
    purge.refused.add(item, purge.plan, purge.facts);
    return recordRemoval(purge, item, refusal);
}
/** Notes once that no tag can be deleted by name. */
function goOnByDigest(purge, item, answered) {
    const { journal, capabilities } = purge.tools;
    const { repository } = purge.plan;
    if (!capabilities.tagsGoWithManifests(repository))
        journal.note(`This registry cannot delete a tag by name (${answered}): the tag is deleted with its manifest, as every tag of that manifest is`);
    capabilities.noteNoTagEndpoint(repository);
    return deleteWithManifest(purge, item);
}
function deleteWithManifest(purge, item) {
    purge.record({ item, outcome: 'with-manifest', via: 'manifest' });
    return [];
}

;// CONCATENATED MODULE: ./src/purge/execute.ts













const execute_NOTES = {
    served: 'is still there by digest: a tag is only a label, so the manifest and its blobs are deleted next',
    gone: 'can no longer be read by digest: this registry deletes it with its tag',
};
/**
 * Carries out a plan. Deletes the tags, then the manifests from the roots down, then the blobs. Checks the tags before the
 * first write and again before the blobs (safety rule 6).
 *
 * @throws Stopped; `purge` holds what was done
 */
async function execute(purge, known) {
    const first = await checkFirst(purge, known);
    if (first.refused.length > 0)
        return execute_refusal(first.refused);
    if (purge.plan.manifests.length + purge.plan.blobs.length === 0)
        return executeLabels(purge);
    const left = new Map(first.left);
    const problems = await untagAndConfirm(purge);
    if (await isRefused(purge, problems))
        return execute_refusal(problems);
    const manifests = await removeManifests(purge, left);
    problems.push(...manifests.problems);
    if (manifests.is === 'done') {
        problems.push(...(await removeBlobs(purge, left)));
        for (const [digest, tags] of left)
            recordLeft(purge, digest, tags);
    }
    return (await isRefused(purge, problems)) ? execute_refusal(problems) : { refused: [], problems, left };
}
/** Whether the registry refused every DELETE. What is gone all the same shows that something was written. */
async function isRefused(purge, problems) {
    if (purge.wrote || problems.length === 0)
        return false;
    if ((await tagsInPlace(purge)) && (await contentInPlace(purge)))
        return true;
    purge.mayHaveWritten();
    return false;
}
function execute_refusal(refused) {
    return { refused, problems: [], left: new Map() };
}
/** Deletes the tags, and notes by a GET of each digest whether its manifest is still served. */
async function untagAndConfirm(purge) {
    const { width, progress } = purge.tools;
    const { tags } = purge.plan;
    recordUnresolved(purge);
    const isLabel = ({ onlyLabel }) => onlyLabel !== undefined;
    const labels = tags.filter((each) => isLabel(each) && each.digest !== undefined);
    const deleted = tags.filter((each) => !isLabel(each));
    const roots = [...new Set(deleted.flatMap(({ digest }) => digest ?? []))];
    if (roots.length + labels.length === 0)
        return [];
    const stage = new Stage(purge, 'Delete tag');
    stage.open();
    intendTags(purge, [...deleted, ...labels]);
    const problems = await untag(purge, deleted);
    if (labels.length > 0)
        problems.push(...(await removeLabels(purge, labels)));
    await counted(progress, 'digests checked', roots, width, async (digest) => {
        if (await isServed(purge, digest, execute_NOTES))
            purge.confirmed.add(digest);
    });
    stage.close();
    return problems;
}
/** Deletes the manifests, checks every tag, and deletes the manifests that no tag needs any more. */
async function removeManifests(purge, left) {
    const stage = new Stage(purge, 'Delete manifest');
    const { repository, manifests } = purge.plan;
    for (const { digest } of manifests.filter(({ gone }) => gone))
        purge.record({ item: { kind: 'manifest', name: digest }, outcome: 'already-gone' });
    const present = withoutLeft(manifests.filter(({ gone }) => !gone), left);
    const problems = await stage.removeAll('manifest', present);
    keepTagsOfRefused(purge);
    const check = await checked(purge.freshness.checkAgain('all'));
    const reasons = check.is === 'unchecked' ? [check] : check.seen.unsure.map((doubt) => ({ is: 'unsure', doubt }));
    if (check.is === 'unchecked' || reasons.length > 0) {
        stage.close();
        problems.push(...reasons.map((because) => ({ kind: 'blobs-kept', repository, because })));
        return { is: 'stopped', problems };
    }
    for (const [digest, tags] of check.seen.left)
        left.set(digest, tags);
    const { released } = check.seen;
    purge.release(released);
    intendTags(purge, released.tags);
    problems.push(...(await untag(purge, released.tags)));
    problems.push(...(await stage.removeAll('manifest', released.manifests)));
    const deleted = withoutLeft(purge.plan.manifests, left);
    await deleteMirrored(purge, deleted.map(({ digest }) => digest));
    stage.close();
    return { is: 'done', problems };
}
/** Records that tags are kept which were to go with a manifest that the registry refuses to delete. */
function keepTagsOfRefused(purge) {
    for (const { tag, root } of purge.plan.tags) {
        if (purge.done.get(tag)?.outcome !== 'with-manifest' || !purge.refused.has(root))
            continue;
        const because = { is: 'above-refused', above: { kind: 'manifest', name: root } };
        purge.record({ item: { kind: 'tag', name: tag }, outcome: 'kept', detail: { is: 'kept', because } });
    }
}
async function removeBlobs(purge, left) {
    const stage = new Stage(purge, 'Delete blobs');
    const problems = await stage.removeAll('blob', withoutLeft(purge.plan.blobs, left));
    stage.close();
    return problems;
}
function withoutLeft(contents, left) {
    return contents.filter(({ digest }) => !left.has(digest));
}
/** Records that an item is kept because tags need it. If it was deleted before, it keeps that outcome. */
function recordLeft(purge, digest, by) {
    const kind = purge.plan.blobs.some((blob) => blob.digest === digest) ? 'blob' : 'manifest';
    const before = purge.done.get(digest)?.outcome;
    purge.record({
        item: { kind, name: digest },
        outcome: before ?? 'kept',
        detail: { is: 'kept', because: { is: 'needed', by }, ...(before !== undefined && { after: before }) },
    });
}

;// CONCATENATED MODULE: ./src/purge/freshness.ts

/** Repositories with at most this many tags are always re-read in full: that takes hardly longer than the list alone. */
const freshness_FEW = 100;
/** Milliseconds for which a survey is current, in addition to the time that it took. Until then a new one would not help. */
const SURVEY_CURRENT_FOR = 10_000;
/**
 * Returns whether a survey is so old that the check before the first write reads every tag again.
 *
 * @param surveyed when it began and ended, milliseconds since the epoch
 * @param now milliseconds since the epoch
 */
function isAged({ from, to }, now) {
    return now - to > SURVEY_CURRENT_FOR + (to - from);
}
/**
 * The facts about one repository while it is purged, and their age.
 *
 * A DELETE is safe only if a recent check shows that no tag needs the item. DELETEs run in parallel, so they share checks:
 * a DELETE waits for the check in progress if that check is sufficient. Otherwise it starts one.
 */
class Freshness {
    #checks;
    #clock;
    #facts;
    #latest;
    /** When the newest check that also re-read known tags began. All times are milliseconds since the epoch. */
    #knownCheckedAt = -Infinity;
    /** When the newest check of any kind began and ended. */
    #newest = { begun: -Infinity, ended: -Infinity };
    /** When a request last waited for so long that known tags may have changed. */
    #waitedAt = -Infinity;
    #running;
    constructor(facts, checks, clock) {
        this.#facts = facts;
        this.#checks = checks;
        this.#clock = clock;
    }
    /** The facts of the newest check, or of the survey if there was none. */
    get facts() {
        return this.#facts;
    }
    /** Whether a request has waited since the newest check of known tags. Then every tag must be re-read before a DELETE. */
    get hasWaited() {
        return this.#waitedAt > this.#knownCheckedAt;
    }
    /**
     * Whether the newest check is too old for a DELETE of the item. For a tag, only a check that re-read known tags counts.
     */
    isStale({ kind }) {
        const checkedAt = kind === 'tag' ? this.#knownCheckedAt : this.#newestMoment;
        return this.#clock.now() - checkedAt >= CURRENT_FOR;
    }
    /** Notes the end of a pause. It counts only if the newest check of known tags is no longer current. */
    pauseEnded() {
        if (this.#clock.now() - this.#knownCheckedAt >= CURRENT_FOR)
            this.outdate();
    }
    /** Makes `hasWaited` true until known tags are re-read. */
    outdate() {
        this.#waitedAt = this.#clock.now();
    }
    /**
     * Checks the repository now, even if the facts are fresh.
     *
     * @param byName tags to read whether or not they are listed: a deleted tag may still be served without being listed
     * @throws ListError, WireError, Stopped
     */
    async checkAgain(which, byName = []) {
        const begun = this.#clock.now();
        this.#facts = await this.#checks.read(this.#facts, which, byName);
        const latest = this.#checks.judge(this.#facts);
        this.#latest = latest;
        this.#newest = { begun, ended: this.#clock.now() };
        if (which !== 'new')
            this.#knownCheckedAt = begun;
        return latest;
    }
    /**
     * Makes sure that a check that began after the last pause has re-read every tag. Callers that wait at the same time share
     * one check.
     *
     * @throws ListError, WireError, Stopped
     */
    async checkedSincePause() {
        const moment = this.#waitedAt;
        for (;;) {
            if (this.#latest !== undefined && this.#knownCheckedAt >= moment)
                return this.#latest;
            if (this.#running === undefined) {
                void this.#start('all').catch(() => undefined);
                continue;
            }
            const { which, begun, result } = this.#running;
            if (which === 'all' && begun >= moment)
                return result;
            await result.catch(() => undefined);
        }
    }
    /**
     * Makes sure that the newest check is at most `age` milliseconds old, so that new tags are known. In a repository with few
     * tags it also finds tags that moved. Parallel callers share one check.
     *
     * @throws ListError, WireError, Stopped
     */
    async ensureFresh(age = CURRENT_FOR) {
        const oldest = this.#clock.now() - age;
        while (this.#newestMoment < oldest) {
            if (this.#running === undefined)
                await this.#start(this.#hasFewTags ? 'all' : 'new');
            else
                await this.#running.result.catch(() => undefined);
        }
    }
    /** @returns why the newest check forbids the DELETE of an item, or undefined if it allows it */
    forbids(item) {
        if (this.#latest === undefined)
            return undefined;
        const { left, moved, unsure } = this.#latest;
        if (item.kind === 'tag') {
            const now = moved.find(({ tag }) => tag === item.name);
            return now === undefined ? undefined : { is: 'moved', to: now.digest };
        }
        const by = left.get(item.name);
        if (by !== undefined)
            return { is: 'needed', by };
        const [doubt] = unsure;
        return doubt === undefined ? undefined : { is: 'unsure', doubt };
    }
    /** Starts a check that others may wait for. */
    #start(which) {
        const result = this.checkAgain(which).finally(() => (this.#running = undefined));
        this.#running = { which, begun: this.#clock.now(), result };
        return result;
    }
    /**
     * The time of the newest check. In a repository with few tags, where a check reads every tag, it is the end of the check:
     * another check would take as long and be no fresher.
     */
    get #newestMoment() {
        return this.#hasFewTags ? this.#newest.ended : this.#newest.begun;
    }
    get #hasFewTags() {
        return this.#facts.listed.length <= freshness_FEW;
    }
}

;// CONCATENATED MODULE: ./src/plan/reconsider.ts




/**
 * Checks a plan against fresh facts (safety rules 6 and 9). It keeps new tags with everything that they need. It deletes
 * content that no tag needs any more, with everything attached to it.
 *
 * @param facts every tag as it is now
 */
function reconsider(plan, facts) {
    const { pointers, moved, revived, unsure } = whereTagsPoint(plan, facts);
    const contents = [...plan.manifests, ...plan.blobs];
    const named = new Set(contents.filter((each) => each.named).map(({ digest }) => digest));
    // Keep the manifests of labels, even after the label is deleted.
    const holders = new Holders(pointers, facts, named, labelsOf(plan.tags));
    const going = new Set(contents.map(({ digest }) => digest));
    const newcomers = newcomersOf(plan, facts, pointers);
    return {
        left: holders.of(new Set([...going].filter((digest) => holders.held.has(digest)))),
        released: release(plan, facts, {
            pointers,
            named,
            strangers: new Set(newcomers.map(({ digest }) => digest)),
        }),
        moved,
        revived,
        newcomers,
        unsure: [...unsure, ...unknownContent(plan, facts, holders)],
    };
}
function unknownContent({ repository, ignored }, facts, holders) {
    const doubts = [];
    for (const [digest, missing] of facts.missing) {
        if (!holders.held.has(digest))
            continue;
        if (missing.is !== 'lie' && ignored.has(digest))
            continue;
        const why = missing.is === 'missing' ? {} : { why: missing.why };
        doubts.push({ kind: 'needed-manifest-unreadable-now', repository, digest, ...why });
    }
    for (const [subject, why] of facts.referrersUnclear)
        if (!ignored.has(subject))
            doubts.push({ kind: 'referrers-unclear-now', repository, subject, why });
    return doubts;
}
function newcomersOf(plan, facts, pointers) {
    const going = new Set(plan.manifests.map(({ digest }) => digest));
    const keys = new Map(plan.manifests.map(({ digest }) => [keyOf(digest), digest]));
    const known = new Set([...plan.remaining, ...plan.tags].map(({ tag }) => tag));
    const all = [];
    const tagged = new Set(plan.remaining.flatMap(({ digest }) => digest ?? []));
    for (const [tag, digest] of pointers) {
        if (known.has(tag))
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
/** Finds the manifests that must be protected: those that remaining, new and moved tags point to. */
function whereTagsPoint(plan, facts) {
    const { repository } = plan;
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
            // If the registry cannot delete a tag by name, a tag to delete still points to its manifest. It holds nothing.
            if (own !== undefined && own.digest === state.digest)
                continue;
            if (own !== undefined)
                moved.push({ tag, digest: state.digest });
            if (known !== undefined && known.digest === undefined)
                revived.push(tag);
            pointers.set(tag, state.digest);
        }
        else if (state.is === 'unknown') {
            // The tag is listed, and it resolved before. So a replica is stale, and the tag still needs its content.
            if (known?.digest !== undefined && listed.has(tag))
                pointers.set(tag, known.digest);
            if (known?.protected === true)
                unsure.push({ kind: 'protected-tag-unknown-now', repository, tag });
        }
        else if (state.is === 'lie' || !plan.ignored.has(tag))
            unsure.push({ kind: 'tag-unreadable-now', repository, tag, why: state.why });
    }
    return { pointers, moved, revived, unsure };
}
/** Finds items that are not in the plan and can be deleted now. Keeps tags that are new or moved. */
function release(plan, facts, { pointers, named, strangers }) {
    // Every manifest of the plan is a root: the tags that attached some of them to the image may be gone.
    const roots = new Set(plan.manifests.map(({ digest }) => digest));
    const before = new Map(plan.remaining.map((each) => [each.tag, each]));
    const guarded = new Set();
    for (const [tag, digest] of pointers) {
        const known = before.get(tag);
        if (known === undefined || known.protected || known.guarded === true || known.digest !== digest)
            guarded.add(tag);
    }
    const labels = labelsOf(plan.tags);
    const whole = attach({ roots, pointers, graph: facts, named, guarded, strangers, labels });
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

;// CONCATENATED MODULE: ./src/purge/refused.ts

/**
 * The tags and manifests that the registry refuses to delete, such as locked ones. Nothing below them is deleted: the
 * registry keeps serving them, and would serve a broken image.
 */
class Refused {
    #items = new Map();
    /** What is below them, each with the item above it. */
    #below = new Map();
    /**
     * Adds an item that the registry refuses to delete.
     *
     * @param plan says to which manifest a tag points
     * @param facts the manifests below it
     */
    add(item, plan, facts) {
        this.#items.set(item.name, item);
        if (item.kind === 'blob')
            return;
        const root = item.kind === 'tag' ? plan.tags.find(({ tag }) => tag === item.name)?.digest : item.name;
        if (root === undefined)
            return;
        // What is attached to a tag's image goes with that image, so it stays with it. What refers to a manifest was deleted before it.
        const { manifests, blobs } = reach([root], facts, item.kind === 'tag');
        for (const digest of [...manifests, ...blobs])
            if (digest !== item.name && !this.#below.has(digest))
                this.#below.set(digest, item);
    }
    /** The registry deleted the item after all. */
    remove(item) {
        if (!this.#items.delete(item.name))
            return;
        for (const [digest, above] of this.#below)
            if (above.name === item.name)
                this.#below.delete(digest);
    }
    /** @returns whether the registry refuses to delete this item */
    has(name) {
        return this.#items.has(name);
    }
    /** @returns why this item must not be deleted now, or undefined */
    forbids({ name }) {
        const above = this.#below.get(name);
        return above === undefined ? undefined : { is: 'above-refused', above };
    }
    /** @returns how many manifests and blobs of the plan stay because of this item */
    countBelow(item, { manifests, blobs }) {
        return [...manifests, ...blobs].filter(({ digest }) => this.#below.get(digest)?.name === item.name).length;
    }
}

;// CONCATENATED MODULE: ./src/purge/repository-purge.ts




const LEAST_TIMEOUT = 120_000;
const TIMEOUT_BASE = 30_000;
const TIMEOUT_PER_TAG = 5;
/** The purge of one repository in progress: its plan, the results so far, and the newest facts. */
class RepositoryPurge {
    plan;
    tools;
    freshness;
    done = new Map();
    /** Every digest in a DELETE of this run, whatever the response. */
    touched = new Set();
    /** Every digest of the purged images of the run, in any repository: never requested with HEAD. */
    sensitive;
    /** The placeholders of this run. A tag that points to one is being removed. */
    placeholders = new Set();
    /** Tags whose DELETE worked although the response was an error: the registry may still list them. */
    explained = new Set();
    /** What the registry refuses to delete, and what is below it. */
    refused = new Refused();
    /** Roots that could still be read by digest after their tag was deleted. */
    confirmed = new Set();
    /** The registry returned 404 for content that it had just served, so its replicas may differ. */
    differed = false;
    /** The registry no longer accepts the credentials, so nothing more is sent. */
    denied = false;
    /** The right that a refused DELETE lacked, if the registry's challenge told. It is the same for all items. */
    missingRight;
    #wrote = false;
    constructor(plan, facts, sensitive, tools) {
        this.plan = plan;
        this.sensitive = sensitive;
        this.tools = tools;
        const checks = {
            read: (known, which, byName) => tools.surveyor.checkAgain(known, which, this.#deletions(), byName),
            judge: (now) => reconsider(this.plan, now),
        };
        this.freshness = new Freshness(facts, checks, tools.clock);
    }
    /** The newest facts about the repository. */
    get facts() {
        return this.freshness.facts;
    }
    /** @returns why an item must not be deleted now, or undefined if it may be */
    forbids(item) {
        return this.refused.forbids(item) ?? this.freshness.forbids(item);
    }
    /**
     * Whether a request may have changed something in this repository. `Journal.wrote` only means that such a request was
     * sent. If the registry refused every request, nothing was written, so the repository still counts as refused.
     */
    get wrote() {
        return this.#wrote;
    }
    /**
     * Notes that a request may have changed something: a DELETE or PUT that the registry did not refuse. The requests that
     * delete a placeholder need no call, since the PUT or upload before them made one.
     */
    mayHaveWritten() {
        this.#wrote = true;
    }
    /**
     * Milliseconds that a DELETE may take. Distribution reads every tag of the repository for one: some seconds for
     * 100,000 tags on a local disk, more on an object store.
     */
    get timeout() {
        return Math.max(LEAST_TIMEOUT, TIMEOUT_BASE + TIMEOUT_PER_TAG * this.facts.listed.length);
    }
    /** Adds to the plan the items that no tag needs any more. */
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
        this.tools.journal.release(this.plan.repository, released);
    }
    /** Announces to the journal that a step may delete these items. */
    intend(items) {
        this.tools.journal.intend(this.plan.repository, items.map((item) => ({ item })));
    }
    /** Records the outcome of an item, here and in the journal. */
    record(done) {
        const whole = { ...done, at: this.tools.clock.now() };
        this.done.set(done.item.name, whole);
        if (done.outcome === 'deleted' || done.outcome === 'unknown')
            this.mayHaveWritten();
        this.tools.journal.done(this.plan.repository, whole);
    }
    /** Once everything is proven gone, records labels as deleted whatever the response to their DELETE was. */
    confirmLabels() {
        for (const { item, outcome, via } of [...this.done.values()]) {
            if (item.kind !== 'tag' || (outcome !== 'failed' && outcome !== 'unknown'))
                continue;
            const way = via ?? this.plan.way;
            this.record({ item, outcome: 'deleted', ...(way !== undefined && { via: way }) });
        }
    }
    /** The items that the plan deletes, and those that are deleted already. */
    #deletions() {
        const tags = this.plan.tags.map(({ tag }) => tag);
        const removed = tags.filter((tag) => this.done.get(tag)?.outcome === 'deleted');
        const untagged = new Set(removed.filter((tag) => wasDeletedByName(this.done.get(tag))));
        const dropped = tags.filter((tag) => {
            const outcome = this.done.get(tag)?.outcome;
            return outcome === 'with-manifest' || (outcome === 'deleted' && !untagged.has(tag));
        });
        const hasDetail = ({ tag, root }) => this.done.get(tag)?.detail !== undefined || this.done.get(root)?.detail !== undefined;
        return {
            tags: new Set(tags),
            removed: new Set(removed),
            untagged,
            dropped: new Set(dropped),
            explained: new Set([...this.explained, ...this.plan.tags.filter(hasDetail).map(({ tag }) => tag)]),
            manifests: new Set(this.plan.manifests.map(({ digest }) => digest)),
        };
    }
}
/** A DELETE with a detail does not count: after such a response (`errors` in a 202) the registry may still list the tag. */
function wasDeletedByName(done) {
    return done?.outcome === 'deleted' && done.detail === undefined && dialectOf(done.via) !== undefined;
}

;// CONCATENATED MODULE: ./src/flow/purge.ts





/**
 * Purges one repository after the other.
 *
 * @returns the result of each; empty if all are refused together before anything was written
 * @throws Stopped, and defects
 */
async function purgeAll(jobs, purging) {
    const { rules, journal, results } = purging;
    // Until something is sent for a repository, it counts as refused.
    for (const { plan } of jobs)
        results.end(plan.repository, 'refused');
    journal.save();
    const sensitive = new Set(jobs.flatMap(({ plan }) => [...plan.image]));
    const all = [];
    for (const job of jobs) {
        const purged = await purgeOne(job, sensitive, jobs.length > 1, purging);
        results.end(job.plan.repository, isUntouched(purged) ? 'refused' : 'incomplete');
        journal.close();
        all.push(purged);
        // Until something is written, one refusal refuses all repositories.
        if (rules.together && all.every(isUntouched))
            return [];
    }
    return all;
}
function isUntouched({ purge, execution }) {
    return execution === undefined && !purge.wrote;
}
/**
 * Purges one repository. If that fails, the other repositories are still purged.
 *
 * @param several whether the run has several repositories, so that this one's survey may be old
 * @throws Stopped, and defects
 */
async function purgeOne({ case: own, plan }, sensitive, several, { rules, tools, journal, results }) {
    const { surveyor, surveyed, ...known } = own;
    const aged = several || isAged(surveyed, tools.clock.now());
    const purge = new RepositoryPurge(plan, known.survey, sensitive, { ...tools, surveyor, journal });
    try {
        const execution = await execute(purge, { ...known, rules, aged });
        if (execution.refused.length === 0)
            return { purge, execution };
        for (const problem of execution.refused)
            journal.problem(problem, plan.repository);
        return { purge };
    }
    catch (error) {
        if (purge.wrote)
            results.end(plan.repository, 'incomplete');
        if (!(error instanceof WireError || error instanceof ListError))
            throw error;
        journal.problem(problemOf(error), plan.repository);
        return { purge };
    }
    finally {
        journal.withdraw(plan.repository);
    }
}

;// CONCATENATED MODULE: ./src/flow/results.ts
/** The results of the repositories of a run so far. Reports each to the journal. */
class Results {
    #journal;
    #all = new Map();
    constructor(journal) {
        this.#journal = journal;
    }
    /** Sets the result of a repository. A later call replaces it. */
    end(repository, result) {
        this.#all.set(repository, result);
        this.#journal.ended(result, repository);
    }
    /** The result of the run, by the results of its repositories. */
    get sum() {
        const has = (result) => [...this.#all.values()].includes(result);
        if (has('incomplete') || (has('purged') && has('refused')))
            return 'incomplete';
        if (has('refused'))
            return 'refused';
        if (has('purged'))
            return 'purged';
        return has('planned') ? 'planned' : 'nothing-to-do';
    }
}

;// CONCATENATED MODULE: ./src/survey/search.ts







/**
 * Searches another repository for content. It requests each piece once by a plain GET. If one exists, it finds out which
 * tags need it.
 *
 * @throws Stopped
 */
async function search(tools, repository, wanted) {
    const there = [];
    const failures = [];
    await each(wanted, tools.width, async (piece) => {
        const presence = await findOut(tools.client, repository, piece);
        if (presence.is === 'there')
            there.push(piece);
        if (presence.is === 'unclear')
            failures.push(presence.answered);
    });
    const [answered] = failures;
    const counts = { failed: failures.length, wanted: wanted.length };
    const problems = answered === undefined ? [] : [{ kind: 'search-failed', repository, ...counts, answered }];
    if (there.length === 0)
        return { found: [], problems };
    const holders = await holdersOf(tools, repository, there);
    const found = there
        .map((piece) => ({ ...piece, repository, heldBy: holders.of.get(piece.digest) ?? [] }))
        .sort((one, other) => (one.digest < other.digest ? -1 : 1));
    return { found, problems: [...problems, ...holders.problems] };
}
async function findOut(client, repository, { digest, kind }) {
    const reading = { purpose: 'search' };
    const response = await attempt(kind === 'manifest'
        ? client.manifest(repository, digest, reading)
        : client.blob(repository, digest, reading));
    if (!(response instanceof WireError)) {
        if (isGone(response))
            return { is: 'gone' };
        if (response.status >= 200 && response.status < 300)
            return { is: 'there' };
    }
    return { is: 'unclear', answered: outcomeOf(response) };
}
/** Reads all tags of a repository, and finds those that need something of `there`. */
async function holdersOf(tools, repository, there) {
    const of = new Map(there.map(({ digest }) => [digest, []]));
    const listed = await listOrFail(tools.client, repository);
    if (listed instanceof Error) {
        const problem = { kind: 'holders-unknown', repository, cause: problemOf(listed) };
        return { of, problems: [problem] };
    }
    const reader = new Reader(tools, repository, { referrers: false });
    const tags = new Map();
    let unread = 0;
    await each(listed, tools.width, async (tag) => {
        const state = await reader.tag(tag);
        if (state.is === 'resolved')
            tags.set(state.digest, [...(tags.get(state.digest) ?? []), tag]);
        else if (state.is !== 'unknown')
            unread++;
    });
    for (const [root, on] of tags) {
        const { manifests, blobs } = reach([root], reader, true);
        for (const [digest, list] of of)
            if (manifests.has(digest) || blobs.has(digest))
                for (const tag of on)
                    list.push({ tag, root });
    }
    for (const list of of.values())
        list.sort((one, other) => (one.tag < other.tag ? -1 : 1));
    return { of, problems: unread === 0 ? [] : [{ kind: 'holders-unreadable', repository, count: unread }] };
}
async function listOrFail(client, repository) {
    try {
        return await attempt(listTags(client, repository));
    }
    catch (error) {
        if (error instanceof ListError)
            return error;
        throw error;
    }
}

;// CONCATENATED MODULE: ./src/flow/search.ts






/**
 * Searches other repositories for content that is purged or kept: a layer that was mounted elsewhere is still served
 * there when the purged repository returns 404.
 */
class Search {
    #settings;
    #tools;
    #journal;
    #places;
    constructor(settings, tools, journal) {
        this.#settings = settings;
        this.#tools = tools;
        this.#journal = journal;
    }
    /**
     * Searches, and reports the result to the journal. It replaces the result of an earlier search.
     *
     * @param plans the plans of the repositories that are purged
     * @param purging the repositories in which purged content is not searched for, because the proof covers it
     * @returns whether `on-exposure: fail` refuses the run
     * @throws Stopped
     */
    async forbids(plans, purging = new Set(plans.map(({ repository }) => repository))) {
        const { searched, scope, onExposure } = this.#settings;
        if (searched.length === 0)
            return false;
        if (scope === 'tag') {
            this.#journal.note('search-repositories: `scope: tag` deletes no content, so nothing was searched');
            return false;
        }
        this.#places ??= await this.#resolve();
        let forbids = false;
        for (const plan of plans) {
            const { found, problems } = await this.#search(plan, plans, purging);
            const strict = onExposure === 'fail';
            this.#journal.exposed(plan.repository, found.map(({ repository, digest, heldBy }) => ({
                repository,
                digest,
                heldBy: heldBy.map(({ tag }) => tag),
            })), strict ? [] : problems);
            if (!strict)
                continue;
            for (const about of problems)
                this.#journal.problem({ kind: 'on-exposure', about });
            forbids ||= problems.length > 0;
        }
        return forbids;
    }
    /** Resolves globs. Warns about a glob that matches nothing, since nothing would be searched for it. */
    async #resolve() {
        const repositories = new Set();
        const unclear = [];
        let catalog;
        for (const entry of this.#settings.searched) {
            if ('name' in entry) {
                repositories.add(entry.name);
                unclear.push(...(await this.#doubtsAbout(entry.name)));
                continue;
            }
            const glob = entry.glob.text;
            try {
                catalog ??= await listRepositories(this.#tools.client);
            }
            catch (error) {
                if (!(error instanceof CatalogError || error instanceof WireError))
                    throw error;
                unclear.push({ kind: 'not-searched', glob, about: problemOf(error) });
                continue;
            }
            const matching = catalog.filter((name) => entry.glob.matches(name));
            if (matching.length === 0)
                unclear.push({ kind: 'searched-glob-matches-nothing', glob });
            for (const name of matching)
                repositories.add(name);
        }
        return { repositories: [...repositories], unclear };
    }
    /** @returns a warning if a repository that is named without a glob may be misspelt */
    async #doubtsAbout(repository) {
        const { client } = this.#tools;
        const page = await attempt(client.tagPage(repository, undefined, { purpose: 'list-tags' }));
        if (page instanceof WireError)
            return [{ kind: 'searched-repository-unlisted', repository, why: page.message, answered: false }];
        if (page.status === 200)
            return [];
        return [{ kind: 'searched-repository-unlisted', repository, why: describe(page), answered: true }];
    }
    async #search(plan, plans, purging) {
        const { repositories = [], unclear = [] } = this.#places ?? {};
        const found = [];
        const problems = [...unclear];
        const wanted = [
            ...plan.manifests.map(({ digest }) => ({ digest, kind: 'manifest' })),
            ...plan.blobs.map(({ digest }) => ({ digest, kind: 'blob' })),
            ...plan.kept.map(({ digest, kind }) => ({ digest, kind })),
        ];
        const others = repositories.filter((name) => name !== plan.repository);
        for (const name of others) {
            // If this run purges the same content there as well, the proof of that repository covers it.
            const own = plans.find(({ repository }) => repository === name && purging.has(repository));
            const deleted = new Set([...(own?.manifests ?? []), ...(own?.blobs ?? [])].map(({ digest }) => digest));
            const open = wanted.filter(({ digest }) => !deleted.has(digest));
            const result = await search(this.#tools, name, open);
            found.push(...result.found);
            problems.push(...result.problems);
        }
        const places = count(others.length, 'other repository', 'other repositories');
        this.#journal.note(`${plan.repository}: searched ${places} for ${count(wanted.length, 'digest')}, ${found.length} found`);
        if (found.length > 0) {
            const kept = plan.kept.map(({ digest }) => digest);
            problems.push({ kind: 'exposed', repository: plan.repository, found, kept });
        }
        return { found, problems };
    }
}

;// CONCATENATED MODULE: ./src/flow/run.ts






/**
 * Carries out a run: survey → plan → show → refuse or stop → purge → prove. Reports everything to the journal.
 *
 * @returns how the run ended
 * @throws Stopped, WireError if the registry does not respond at all, and defects
 */
async function run(settings, tools, journal) {
    const asked = await ask(settings, tools, journal);
    for (const problem of asked.problems)
        journal.problem(problem);
    if (asked.problems.length > 0)
        return 'refused';
    const { rules } = asked;
    const plan = decide_plan(casesOf(asked), rules, asked.idle);
    const results = new Results(journal);
    const jobs = show(plan, asked, results, journal);
    const plans = jobs.map((job) => job.plan);
    const search = new Search(settings, tools, journal);
    const isRefused = plan.refusals.length > 0 || (rules.together && jobs.length < plan.repositories.length);
    if (isRefused || (await search.forbids(plans))) {
        for (const { repository } of plan.repositories)
            results.end(repository, 'refused');
        return 'refused';
    }
    if (settings.dryRun) {
        if (!rules.together)
            journal.separable(plans, rules);
        for (const { repository } of plans)
            results.end(repository, 'planned');
        return results.sum;
    }
    if (jobs.length > 0) {
        const purging = { settings, rules, tools, journal, results };
        await proveAll(await purgeAll(jobs, purging), { ...purging, search });
    }
    return results.sum;
}
function casesOf({ parts }) {
    return parts.flatMap((part) => ('is' in part ? [] : [part]));
}
/** Reports the plan to the journal. @returns the repositories whose plan may be carried out */
function show(plan, asked, results, journal) {
    const planned = new Map(plan.repositories.map((each) => [each.repository, each]));
    const planOf = ({ target }) => {
        const found = planned.get(target.repository);
        if (found === undefined)
            throw new Error(`${target.repository} has no plan`);
        return found;
    };
    journal.planned(plan, asked.parts.map((part) => ('is' in part ? part : planOf(part))));
    const jobs = [];
    for (const part of asked.parts) {
        if ('is' in part)
            results.end(part.repository, part.is === 'idle' ? 'nothing-to-do' : 'refused');
        else {
            const own = planOf(part);
            if (own.refusals.length > 0)
                results.end(own.repository, 'refused');
            else
                jobs.push({ case: part, plan: own });
        }
    }
    return jobs;
}

;// CONCATENATED MODULE: ./src/plan/journal.ts
/** The report cannot be written. Without it no request that changes state may be sent. */
class JournalError extends Error {
    name = 'JournalError';
    /** Code of the system error, such as ENOSPC, or `unknown`. */
    code;
    constructor(code, options) {
        super(`the report cannot be written (${code})`, options);
        this.code = code;
    }
}

;// CONCATENATED MODULE: ./src/registry/credentials/credentials.ts
/** @returns the value of the Authorization header */
function basicHeader({ username, password }) {
    return `Basic ${pair({ username, password })}`;
}
/** @returns every text of these credentials that must not be shown */
function secretsOf(credentials) {
    return credentials.kind === 'basic' ? [credentials.password, pair(credentials)] : [credentials.token];
}
function pair({ username, password }) {
    return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}

;// CONCATENATED MODULE: ./src/registry/auth/challenged.ts

/**
 * Remembers the latest Bearer challenge to each kind of request. A registry may refuse a request without a challenge (403), or
 * with another one than the one that names the scope (Harbor), and only the challenge tells which right is missing.
 */
class Challenged {
    #latest = new Map();
    /** @returns a Send that notes the challenges in its responses */
    noting(send) {
        return async (request) => {
            const response = await send(request);
            const bearer = isRefusal(response)
                ? parseChallenges(response.headers.get('www-authenticate') ?? '').find(({ scheme }) => scheme === 'bearer')
                : undefined;
            if (bearer !== undefined)
                this.#latest.set(needOf(request), bearer);
            return response;
        };
    }
    /** @returns the response; with the challenge if it refuses the request */
    explained(request, response) {
        const challenge = isRefusal(response) ? this.#latest.get(needOf(request)) : undefined;
        return challenge === undefined ? response : { ...response, challenge };
    }
}
function isRefusal({ status }) {
    return status === 401 || status === 403;
}
/** @returns a key that is the same for all requests that need the same permission */
function needOf({ method, url }) {
    const kind = method === 'GET' || method === 'HEAD' ? 'read' : method === 'DELETE' ? 'delete' : 'write';
    const [, repository = url.pathname] = /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(url.pathname) ?? [];
    return `${kind} ${repository}`;
}

// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __webpack_require__(7030);
;// CONCATENATED MODULE: ./src/registry/transport/address.ts

/** Metadata services of clouds outside the link-local range. They return credentials of the machine. */
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
 * @param host a host name or an address, from a URL or resolved
 * @returns whether it is link-local (169.254.0.0/16 and fe80::/10, in any notation) or a machine's metadata service. No
 *   request may be sent there because of a response
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
 * Parses the URL of a token service. Requests to it may carry a password, so the URL must use https (or plain http if the
 * registry uses plain http), must have no user, and must not be link-local.
 *
 * @param request the request that got the challenge
 * @param hidden returns whether the URL holds a secret, so that no message may show it
 * @throws WireError for any other URL
 */
function parseRealm(request, realm, hidden = () => false) {
    if (!URL.canParse(realm))
        throw new WireError(request, 'forbidden-address', 'a token service that is not a URL');
    const url = new URL(realm);
    const { host } = shownUrl({ url, hidden });
    const plain = url.protocol === 'http:';
    if (url.protocol !== 'https:' && !plain)
        throw new WireError(request, 'forbidden-address', 'a token service that is neither https nor http');
    if (plain && request.url.protocol === 'https:')
        throw new WireError(request, 'plain-token-service', host);
    if (url.username !== '' || url.password !== '')
        throw new WireError(request, 'forbidden-address', `a token service with a user in its URL (${host})`);
    if (isForbidden(url.hostname))
        throw new WireError(request, 'forbidden-address', `a link-local or metadata address (${host})`);
    url.hash = '';
    return url;
}

;// CONCATENATED MODULE: ./src/registry/auth/token.ts


/** The token service refuses the credentials or the scope. The message says so. */
class TokenRefused extends Error {
    name = 'TokenRefused';
}
/** Bytes of a response, at most. */
const LIMIT = 64 << 10;
const TIMEOUT = 30_000;
/** Seconds for which a token without `expires_in` is valid, by the token specification of distribution. */
const LIFE = 60;
const LONGEST_LIFE = 86_400;
/** b64token of RFC 6750, 2.1, of a length that fits into a header. */
const token_TOKEN = /^[A-Za-z0-9\-._~+/]{1,16384}={0,2}$/;
const CLIENT = 'registry-purge';
/** The service does not have this method: try the other one. */
const OTHER_METHOD = new Set([404, 405, 501]);
const REFUSALS = new Set([400, 401, 403]);
/**
 * Fetches a token by GET (token specification of distribution), or by POST (OAuth 2) if the service does not support GET
 * or the credentials are a refresh token. Sends the scopes of the challenge unchanged; with GET, one parameter each.
 *
 * @param send adds no credentials
 * @throws TokenRefused on 400, 401, 403; WireError if there is no usable response
 */
async function fetchToken(send, tokenRequest, credentials, { signal, now, secret }) {
    const requests = credentials?.kind === 'identity'
        ? [byPost(tokenRequest, credentials, signal)]
        : [
            byGet(tokenRequest, credentials, signal),
            ...(credentials === undefined ? [] : [byPost(tokenRequest, credentials, signal)]),
        ];
    for (const [at, request] of requests.entries()) {
        const response = await send(request);
        if (OTHER_METHOD.has(response.status) && at < requests.length - 1)
            continue;
        return read(request, response, credentials, { now, secret });
    }
    throw new Error('there is always a request');
}
function byGet({ realm, hidden, service, scope }, credentials, signal) {
    const url = new URL(realm);
    if (service !== undefined)
        url.searchParams.set('service', service);
    for (const each of (scope ?? '').split(' ').filter((entry) => entry !== ''))
        url.searchParams.append('scope', each);
    const headers = credentials?.kind === 'basic' ? { authorization: basicHeader(credentials) } : {};
    return { ...token_request('GET', url, headers, signal), ...(hidden !== undefined && { hidden }) };
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
        ...token_request('POST', realm, { 'content-type': 'application/x-www-form-urlencoded' }, signal),
        ...(hidden !== undefined && { hidden }),
        body,
    };
}
function token_request(method, url, headers, signal) {
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
    const description = describe(response);
    if (REFUSALS.has(response.status))
        throw new TokenRefused(token_refusal(request, description, credentials));
    if (response.status !== 200 || response.cut)
        throw unusable(request, `returned ${description}`);
    let body;
    try {
        body = (JSON.parse(Buffer.from(response.body).toString('utf8')) ?? {});
    }
    catch {
        throw unusable(request, 'returned 200 and something that is not JSON');
    }
    for (const name of ['token', 'access_token', 'refresh_token', 'id_token']) {
        const text = body[name];
        if (typeof text === 'string' && token_TOKEN.test(text))
            secret(text);
    }
    // Some services return an empty token for a refusal.
    const value = [body['token'], body['access_token']].find((text) => typeof text === 'string' && text !== '');
    if (typeof value !== 'string')
        throw unusable(request, 'returned 200, but no token');
    if (!token_TOKEN.test(value))
        throw unusable(request, 'returned a token that does not fit into a header');
    const stated = body['expires_in'];
    const life = typeof stated === 'number' && stated > 0 ? Math.min(stated, LONGEST_LIFE) : LIFE;
    return { value, expiresAt: now() + life * 1000 };
}
function unusable(request, what) {
    return new WireError(request, 'token', what);
}
function token_refusal(request, description, credentials) {
    const place = display(shownUrl(request));
    if (credentials === undefined)
        return `the token service ${place} issues no token without credentials (${description})`;
    return `the token service ${place} refuses the credentials, or the access that was requested (${description})`;
}

;// CONCATENATED MODULE: ./src/registry/auth/authorize.ts








/** Challenges to one request, at most: one for an unknown scope, and one for a token that is no longer valid. */
const MOST_CHALLENGES = 2;
/** Milliseconds. After the registry has refused a new token, too, no other token is fetched for this time. */
const GIVE_UP_FOR = 30_000;
/**
 * Adds credentials to the requests to one origin only: neither a redirect nor a page link may send credentials to
 * another host (safety rule 11).
 *
 * The first request already carries Basic credentials, since it saves nothing to wait for a challenge. After a Bearer
 * challenge, it fetches a token for exactly the scope of the challenge. It remembers the scope for the repository and the
 * kind of request: a DELETE needs another scope than a GET. It renews a token that is no longer valid. If the registry
 * refuses a new token, the response is final, and its `note` says why.
 *
 * If there are credentials, it avoids anonymous requests: some registries return 404 to anonymous requests for content
 * that exists.
 *
 * A response that is a refusal gets the Bearer challenge to which it belongs.
 */
function authorizing(send, authorization) {
    const challenged = new Challenged();
    const guard = new Guard(challenged.noting(send), authorization);
    return async (request) => request.url.origin === authorization.origin
        ? challenged.explained(request, await guard.send(request))
        : send(request);
}
class Guard {
    #send;
    #authorization;
    /** The token request that each kind of request to each repository needs. */
    #learnt = new Map();
    /** When a new token was refused, in milliseconds since the epoch. */
    #gaveUpAt = new Map();
    /** The token that replaced a refused one, until it is accepted. */
    #renewed = new Map();
    /** The request of the latest token. The registry responds to a token of another scope with the scope that it needs. */
    #latest;
    constructor(send, authorization) {
        this.#send = send;
        this.#authorization = authorization;
    }
    async send(request) {
        const need = needOf(request);
        let sent = await this.#initial(request, need);
        let rejected;
        let response = await this.#sendWith(request, sent);
        for (let challenges = 1; isChallenge(response); challenges++) {
            if (sent.is === 'token')
                rejected = sent.value;
            const next = challenges > MOST_CHALLENGES
                ? this.#refusal(response, need, sent)
                : await this.#handle(request, response, need, sent, rejected);
            if (next.is === 'refused')
                return { ...response, note: next.why };
            sent = next;
            response = await this.#sendWith({ ...request, attempt: (request.attempt ?? 1) + challenges }, sent);
        }
        if (sent.is === 'token')
            this.#accept(need, sent.value);
        return response;
    }
    #accept(need, token) {
        this.#gaveUpAt.delete(need);
        if (this.#renewed.get(need) === token)
            this.#renewed.delete(need);
    }
    /** @returns the credentials to send before the first challenge */
    async #initial(request, need) {
        const { credentials, tokens } = this.#authorization;
        if (credentials?.kind === 'ready')
            return { is: 'ready' };
        const tokenRequest = this.#learnt.get(need);
        if (tokenRequest !== undefined)
            return this.#token(tokenRequest, request);
        if (credentials?.kind === 'basic')
            return { is: 'basic' };
        if (credentials === undefined)
            return { is: 'nothing' };
        const other = this.#latest === undefined ? undefined : tokens.known(this.#latest);
        if (other === undefined || this.#latest === undefined)
            return { is: 'nothing' };
        return { is: 'token', value: other, tokenRequest: this.#latest };
    }
    /** @throws WireError if the token service refuses a token that it granted before: the registry has not responded */
    async #token(tokenRequest, request) {
        try {
            return { is: 'token', value: await this.#authorization.tokens.get(tokenRequest, request), tokenRequest };
        }
        catch (error) {
            if (error instanceof TokenRefused)
                throw new WireError(request, 'token', `no longer issues a token (${error.message})`, { cause: error });
            throw error;
        }
    }
    #sendWith(request, sent) {
        const { credentials } = this.#authorization;
        const headers = { ...request.headers };
        if (sent.is === 'token')
            headers['authorization'] = `Bearer ${sent.value}`;
        if (sent.is === 'ready' && credentials?.kind === 'ready')
            headers['authorization'] = `Bearer ${credentials.token}`;
        if (sent.is === 'basic' && credentials?.kind === 'basic')
            headers['authorization'] = basicHeader(credentials);
        return this.#send({ ...request, headers, identified: true });
    }
    /** Handles a challenge. @returns the credentials to send next, or why there are none */
    async #handle(request, response, need, sent, rejected) {
        const { credentials, tokens } = this.#authorization;
        if (sent.is === 'ready')
            return authorize_refused('the token that was given is refused');
        const challenges = challengesOf(response);
        const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'));
        // Harbor returns a Basic challenge for a token that it no longer accepts.
        const previous = bearer === undefined ? this.#learnt.get(need) : undefined;
        if (bearer === undefined && (previous === undefined || sent.is === 'basic')) {
            const basic = challenges.some(({ scheme }) => scheme === 'basic');
            if (basic && credentials?.kind === 'basic' && sent.is !== 'basic')
                return { is: 'basic' };
            return this.#unsupported(response, challenges, sent);
        }
        const tokenRequest = bearer === undefined ? previous : tokenRequestOf(request, response, bearer);
        if (tokenRequest === undefined)
            return this.#unsupported(response, challenges, sent);
        const renews = rejected !== undefined && tokens.known(tokenRequest) === rejected;
        if (renews && this.#hasGivenUp(need, rejected))
            return this.#refusal(response, need, sent);
        try {
            const value = await tokens.get(tokenRequest, request, rejected);
            if (renews)
                this.#renewed.set(need, value);
            this.#learnt.set(need, tokenRequest);
            this.#latest = tokenRequest;
            return { is: 'token', value, tokenRequest };
        }
        catch (error) {
            if (error instanceof TokenRefused)
                return authorize_refused(error.message);
            throw error;
        }
    }
    /**
     * @returns whether to fetch no other token. Otherwise each parallel request would fetch a token of its own until the
     *   registry responds to the renewed one
     */
    #hasGivenUp(need, rejected) {
        const gaveUpAt = this.#gaveUpAt.get(need);
        if (gaveUpAt === undefined)
            return this.#renewed.get(need) === rejected;
        return this.#authorization.clock.now() - gaveUpAt < GIVE_UP_FOR;
    }
    /** @returns why no challenge of the response can be met */
    #unsupported(response, challenges, sent) {
        const { credentials } = this.#authorization;
        const schemes = [...new Set(challenges.map(({ scheme }) => scheme))].slice(0, 3);
        if (schemes.length === 0)
            return authorize_refused('the registry names no authentication scheme');
        if (!schemes.includes('basic'))
            return authorize_refused(`only Basic and Bearer are supported, and the registry requests ${schemes.map((scheme) => quote(response, scheme)).join(', ')}`);
        if (credentials === undefined)
            return authorize_refused('no credentials were given');
        return sent.is === 'basic'
            ? authorize_refused('the credentials are refused')
            : authorize_refused('the registry requests a user and a password, but a token was given');
    }
    /** @returns why the registry repeated a challenge that was met */
    #refusal(response, need, sent) {
        if (sent.is === 'nothing')
            return authorize_refused('no credentials were given');
        if (sent.is !== 'token')
            return authorize_refused('the credentials are refused');
        const now = this.#authorization.clock.now();
        if (now - (this.#gaveUpAt.get(need) ?? -Infinity) >= GIVE_UP_FOR)
            this.#gaveUpAt.set(need, now);
        const challenge = challengesOf(response).find(({ scheme }) => scheme === 'bearer');
        const wanted = challenge?.parameters.get('scope') ?? sent.tokenRequest.scope ?? '';
        const { realm: url, hidden } = sent.tokenRequest;
        const { host } = shownUrl({ url, ...(hidden !== undefined && { hidden }) });
        // Check the scope for secrets as it was received: scopeText changes its form.
        const what = quote(response, wanted) === wanted ? scopeText(wanted) : 'what the request needs';
        return authorize_refused(`the token from ${host} does not allow ${what}`);
    }
}
function authorize_refused(why) {
    return { is: 'refused', why };
}
function challengesOf(response) {
    return parseChallenges(response.headers.get('www-authenticate') ?? '');
}
function tokenRequestOf(request, response, { parameters }) {
    const realm = parameters.get('realm') ?? '';
    // Check the text as it was received: `URL` changes the host to lower case. The query is never shown.
    const address = realm.replace(/[?#][^]*$/, '');
    const hidden = () => quote(response, address) !== address;
    return {
        realm: parseRealm(request, realm, hidden),
        hidden,
        service: parameters.get('service'),
        scope: parameters.get('scope'),
    };
}
/** @returns whether it is a 401, or a 403 for a token with an insufficient scope (RFC 6750, 3.1) */
function isChallenge(response) {
    if (response.status === 401)
        return true;
    return (response.status === 403 &&
        challengesOf(response).some(({ scheme, parameters }) => scheme === 'bearer' && parameters.get('error') === 'insufficient_scope'));
}

;// CONCATENATED MODULE: ./src/registry/auth/tokens.ts



/** Milliseconds. A token is renewed this long before it expires, or a quarter of its life if that is less. */
const MARGIN = 10_000;
/** The Bearer tokens of a run: one for each realm, service and scope, which all requests share. */
class Tokens {
    #options;
    #kept = new Map();
    #fetching = new Map();
    constructor(options) {
        this.#options = options;
    }
    /** @returns the current token, or undefined if there is none or it is about to expire */
    known(tokenRequest) {
        const kept = this.#kept.get(tokens_keyOf(tokenRequest));
        return kept !== undefined && this.#options.clock.now() < kept.staleAt ? kept.token.value : undefined;
    }
    /**
     * Returns the current token, or fetches one.
     *
     * @param request the request that needs the token. Its signal ends the wait, but not the fetch, which others may share
     * @param refused a token that the registry refused, and that must not be returned again
     * @throws TokenRefused, WireError
     */
    async get(tokenRequest, request, refused) {
        const key = tokens_keyOf(tokenRequest);
        const known = this.known(tokenRequest);
        if (known !== undefined && known !== refused)
            return known;
        const fetching = this.#fetching.get(key) ?? this.#fetch(key, tokenRequest);
        return (await until(fetching, request)).value;
    }
    #fetch(key, tokenRequest) {
        const { send, credentials, clock, kill, secret } = this.#options;
        const start = clock.now();
        const fetching = fetchToken(send, tokenRequest, credentials, {
            signal: kill,
            now: () => clock.now(),
            secret,
        })
            .then((token) => {
            const life = token.expiresAt - clock.now();
            // The life of a token starts with the request: the response may have taken a while.
            const spent = clock.now() - start;
            this.#kept.set(key, { token, staleAt: token.expiresAt - spent - Math.min(MARGIN, life / 4) });
            return token;
        })
            .finally(() => this.#fetching.delete(key));
        this.#fetching.set(key, fetching);
        return fetching;
    }
}
function tokens_keyOf({ realm, service, scope }) {
    return JSON.stringify([realm.href, service ?? null, scopeKey(scope ?? '')]);
}
/** Waits for a token until the request is cancelled. */
async function until(token, request) {
    const { signal } = request;
    // After the request is cancelled, nobody else handles a failure of the fetch.
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

;// CONCATENATED MODULE: ./src/registry/requests.ts


/** Bytes of a body, at most. The specification asks registries to accept manifests of at least 4 MiB. */
const LIMITS = { manifest: 4 << 20, page: 8 << 20, error: 64 << 10, small: 1 << 20 };
/** Milliseconds until the headers are complete, and until the whole response is. */
const READ = { headers: 60_000, timeout: 120_000 };
const WRITE_TIMEOUT = 60_000;
/** Builds the requests of a client, each with its patience, time limits and signal. */
class Requests {
    #options;
    constructor(options) {
        this.#options = options;
    }
    read(url, reading, { method = 'GET', limit, body, range }) {
        return {
            method,
            url: reading.cacheBuster === undefined ? url : withQuery(url, reading.cacheBuster),
            purpose: reading.purpose,
            headers: {
                accept: reading.accept ?? (url.pathname.includes('/manifests/') ? ACCEPT : '*/*'),
                ...(range !== undefined && { range }),
            },
            fresh: reading.fresh ?? false,
            limit,
            peek: body === 'peek',
            ...(body === 'hash' && { hash: true }),
            ...(reading.firstBytes === true && { firstBytes: true }),
            patience: reading.once === true ? 'once' : reading.check === true ? 'check' : 'read',
            timeout: reading.timeout ?? READ.timeout,
            headersTimeout: reading.headersTimeout ?? READ.headers,
            ...(reading.until !== undefined && { until: reading.until }),
            signal: reading.finish === true ? this.#options.kill : this.#options.stop,
        };
    }
    write({ method, url, purpose, body, mediaType }) {
        return {
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
            // Not `stop`: an interrupted replacement would leave a tag that points to the placeholder.
            signal: this.#options.kill,
        };
    }
    delete(url, { purpose, fresh, timeout }) {
        return {
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
            // A probe deletes nothing, so it may end at once, as reads do.
            signal: purpose === 'probe' ? this.#options.stop : this.#options.kill,
        };
    }
    #soon() {
        const { now } = this.#options;
        return now === undefined ? {} : { sendBy: now() + CURRENT_FOR };
    }
}
/** Adds a parameter to the query and keeps the others. */
function withQuery(url, value) {
    const copy = new URL(url);
    copy.searchParams.set('registry-purge', value);
    return copy;
}

;// CONCATENATED MODULE: ./src/registry/client.ts




/** Milliseconds. They are long because a registry reads many files to list many tags. */
const client_LIST = { headersTimeout: 240_000, timeout: 300_000 };
/** Milliseconds. It is long enough to read a whole layer over a slow connection. */
const HASH_TIMEOUT = 1_800_000;
const BUSTER_BYTES = 12;
/** Reads for the proof. The proof adds cache busters itself. */
const PROOF = new Set(['verify', 'control', 'last-check']);
/** The endpoints of one registry. Each method returns the response, of any status, or throws WireError or Stopped. */
class Client {
    #options;
    #requests;
    #send;
    #redirectsBlobs = false;
    constructor(options) {
        this.#options = options;
        this.#requests = new Requests(options);
        this.#send = stoppable(options.send);
    }
    get origin() {
        return this.#options.origin;
    }
    /** The source of the credentials. Undefined for anonymous access. */
    get credentialsFrom() {
        return this.#options.credentialsFrom;
    }
    /** Milliseconds for which the registry asks for a pause, usually 0. */
    get heldFor() {
        return this.#options.heldFor();
    }
    /** Whether the registry has redirected a blob to its storage, such as S3, GCS or Azure. */
    get redirectsBlobs() {
        return this.#redirectsBlobs;
    }
    /** @returns a value for `Reading.cacheBuster` that was never sent before */
    newCacheBuster() {
        return this.#options.random?.hex(BUSTER_BYTES) ?? (0,external_node_crypto_.randomBytes)(BUSTER_BYTES).toString('hex');
    }
    /** Aborted when no new work may start. */
    get stop() {
        return this.#options.stop;
    }
    /** @throws Stopped if no new work may start */
    throwIfStopped() {
        throwIfStopped(this.#options.stop);
    }
    /** The base of the API (end-1). Shows whether the registry responds and accepts the credentials. */
    base(reading) {
        return this.#read(new URL('/v2/', this.origin), reading, { limit: LIMITS.small });
    }
    /**
     * A page of the tag list (end-8a). Sends no `n`: distribution 3.1.0 refuses large values, and without `n` it lists
     * every tag.
     */
    tagPage(repository, page, reading = { purpose: 'list-tags' }) {
        const url = page ?? this.#url(repository, 'tags/list');
        return this.#read(url, { ...client_LIST, ...reading }, { limit: LIMITS.page });
    }
    /** A manifest by tag or digest (end-3). Never conditional: a registry may return 304 for content that is gone. */
    manifest(repository, reference, reading) {
        const url = this.#url(repository, `manifests/${reference}`);
        return this.#readPastCaches(url, reading, { limit: LIMITS.manifest });
    }
    /**
     * A blob by plain GET (end-2). Reads a small blob to its end; of a long one only the headers, or with `firstBytes` the
     * first bytes as well. For purged blobs, and for blobs that the purged image shares with others: some registries
     * restore a blob after a HEAD or a Range request (safety rule 8).
     */
    blob(repository, digest, reading) {
        return this.#readPastCaches(this.#url(repository, `blobs/${digest}`), reading, {
            limit: LIMITS.small,
            body: 'peek',
        });
    }
    /**
     * The first byte of a blob, by Range. Only as the last request of a run: some registries restore a purged blob after it
     * (safety rule 8).
     */
    blobByRange(repository, digest, reading) {
        return this.#read(this.#url(repository, `blobs/${digest}`), reading, {
            limit: LIMITS.error,
            body: 'peek',
            range: 'bytes=0-0',
        });
    }
    /** Checks a blob by HEAD (end-2). Only for blobs that this run does not delete. */
    blobHead(repository, digest, reading) {
        const url = this.#url(repository, `blobs/${digest}`);
        return this.#readPastCaches(url, reading, { method: 'HEAD', limit: LIMITS.error });
    }
    /** The config of an image, read to its end. */
    config(repository, digest) {
        const url = this.#url(repository, `blobs/${digest}`);
        return this.#readPastCaches(url, { purpose: 'read-config' }, { limit: LIMITS.manifest });
    }
    /** A blob, read to its end; only its digests are kept. */
    blobHash(repository, digest) {
        const reading = { purpose: 'hash-blob', timeout: HASH_TIMEOUT };
        return this.#read(this.#url(repository, `blobs/${digest}`), reading, {
            limit: LIMITS.small,
            body: 'hash',
        });
    }
    /**
     * The tag that follows `last` in the order of storage keys. On distribution 3.1.1 with S3, it may be a tag that the
     * folder of `last` hides.
     */
    tagBehind(repository, last, reading) {
        const url = this.#url(repository, `tags/list?n=1&last=${encodeURIComponent(last)}`);
        return this.#read(url, { ...client_LIST, ...reading }, { limit: LIMITS.page });
    }
    /** A page of the catalog. */
    catalogPage(page, reading = {}) {
        const url = page ?? new URL('/v2/_catalog', this.origin);
        return this.#read(url, { ...client_LIST, ...reading, purpose: 'list-repositories' }, { limit: LIMITS.page });
    }
    /** A page of the referrers API (distribution-spec 1.1, end-12). */
    referrers(repository, digest, page, reading = {}) {
        const url = page ?? this.#url(repository, `referrers/${digest}`);
        return this.#read(url, { ...reading, purpose: 'read-referrers' }, { limit: LIMITS.manifest });
    }
    /** DELETE of a tag or a manifest (end-9). It needs a long time limit: a registry may read all tags first. */
    deleteManifest(repository, reference, deleting) {
        return this.delete(repository, `manifests/${reference}`, deleting);
    }
    /** DELETE of a blob (end-10). */
    deleteBlob(repository, digest, deleting) {
        return this.delete(repository, `blobs/${digest}`, deleting);
    }
    /** DELETE of a path below a repository, for endpoints of dialects too. */
    delete(repository, path, deleting) {
        return this.#send(this.#requests.delete(this.#url(repository, path), deleting));
    }
    /** PUT of a manifest under a tag (end-7). Sent once: check the tag to find out whether it worked. */
    putManifest(repository, tag, mediaType, body) {
        const url = this.#url(repository, `manifests/${tag}`);
        return this.#write({ method: 'PUT', url, purpose: 'put-placeholder', body, mediaType });
    }
    /** PUT of a manifest by its own digest (end-7). It changes no tag and no existing content. */
    putByDigest(repository, digest, mediaType, body) {
        const url = this.#url(repository, `manifests/${digest}`);
        return this.#write({ method: 'PUT', url, purpose: 'put-manifest', body, mediaType });
    }
    /**
     * Uploads a small blob: POST to get a location, then PUT of the whole blob (end-4a, end-6).
     *
     * @returns the response to the PUT; the response to the POST if it names no location on the registry's own origin
     */
    async uploadBlob(repository, digest, body) {
        const url = this.#url(repository, 'blobs/uploads/');
        const purpose = 'upload-blob';
        const started = await this.#write({ method: 'POST', url, purpose, body: new Uint8Array() });
        const location = started.headers.get('location');
        if (started.status !== 202 || location === undefined || !URL.canParse(location, url.href))
            return started;
        const target = new URL(location, url);
        // Send credentials and content to the registry's own origin only (safety rule 11).
        if (target.origin !== url.origin)
            return started;
        target.searchParams.set('digest', digest);
        return this.#write({ method: 'PUT', url: target, purpose, body, mediaType: 'application/octet-stream' });
    }
    #url(repository, path) {
        return new URL(`/v2/${repository}/${path}`, this.origin);
    }
    /** If the first response is from a cache, reads once more with a cache buster. */
    async #readPastCaches(url, reading, shape) {
        const response = await this.#read(url, reading, shape);
        const isFinal = reading.cacheBuster !== undefined || PROOF.has(reading.purpose);
        if (isFinal || response.redirected || cacheOf(response) === undefined)
            return response;
        return this.#read(url, { ...reading, cacheBuster: this.newCacheBuster() }, shape);
    }
    async #read(url, reading, shape) {
        const response = await this.#send(this.#requests.read(url, reading, shape));
        if (response.redirected && url.pathname.includes('/blobs/'))
            this.#redirectsBlobs = true;
        return response;
    }
    #write(upload) {
        return this.#send(this.#requests.write(upload));
    }
}

;// CONCATENATED MODULE: ./src/registry/decorators/pace.ts



const FIRST_HOLD = 200;
const LONGEST_HOLD = 10_000;
/** Milliseconds. A longer Retry-After is reduced to this: some registries send a distant date by mistake. */
const LONGEST_RETRY_AFTER = 120_000;
/** Writes that are safe only right after a check. They wait less than CURRENT_FOR. */
const FOLLOW_A_CHECK = new Set([
    'delete-tag',
    'delete-manifest',
    'delete-blob',
    'put-manifest',
    'put-placeholder',
]);
/**
 * Decides how long to send no request to a host after one of its responses.
 *
 * @param strikes consecutive 429 responses, including this one
 * @param now milliseconds since the epoch, for a Retry-After that is a date
 * @param random a number from 0 to 1, for jitter
 * @returns milliseconds, 0 for no pause
 */
function holdAfter(response, strikes, now, random) {
    const { status, headers } = response;
    const requested = status === 429 || status >= 500 ? retryAfter(headers.get('retry-after'), now) : undefined;
    if (requested !== undefined && requested > 0)
        return Math.min(requested, LONGEST_RETRY_AFTER);
    if (status !== 429)
        return 0;
    return Math.min(LONGEST_HOLD, FIRST_HOLD * 2 ** Math.min(strikes - 1, 16)) * (0.5 + random / 2);
}
/** Pauses all requests to a host that requests a pause (429 or Retry-After). */
class Pace {
    #clock;
    #random;
    #hosts = new Map();
    constructor(clock, random) {
        this.#clock = clock;
        this.#random = random;
    }
    /** @returns milliseconds until the pause of an origin ends, or 0 */
    heldFor(origin) {
        return Math.max(0, (this.#hosts.get(origin)?.until ?? 0) - this.#clock.now());
    }
    /**
     * Starts a pause if the response requests one.
     *
     * @param sentAt when its request was sent, in milliseconds since the epoch
     */
    note(origin, response, sentAt) {
        const now = this.#clock.now();
        const host = this.#hosts.get(origin) ?? { until: 0, strikes: 0, struckAt: -1 };
        if (response.status === 429) {
            // Requests that were in flight together are one strike.
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
    /**
     * Sends each request after the pause of its host.
     *
     * The returned Send throws a WireError `held` if the request may not wait that long.
     */
    decorate(send) {
        return async (request) => {
            const { origin } = request.url;
            const start = this.#clock.now();
            const late = (held) => this.#clock.now() + held > (request.sendBy ?? Infinity);
            if (late(0))
                throw new WireError(request, 'held', '0');
            for (let held = this.heldFor(origin); held > 0; held = this.heldFor(origin)) {
                const left = (request.until ?? Infinity) - this.#clock.now();
                const waited = this.#clock.now() - start;
                const soon = waited + held < CURRENT_FOR || !FOLLOW_A_CHECK.has(request.purpose);
                if (held > left || late(held) || !soon)
                    throw new WireError(request, 'held', String(Math.ceil(held)));
                await this.#clock.sleep(held, request.signal);
                if (request.signal.aborted)
                    throw new WireError(request, 'cancelled', 'ABORTED');
            }
            const sentAt = this.#clock.now();
            const response = await send(request);
            this.note(origin, response, sentAt);
            return response;
        };
    }
}

;// CONCATENATED MODULE: ./src/registry/decorators/redirect.ts



const FOLLOWED = new Set([301, 302, 303, 307, 308]);
const redirect_MOST = 5;
/** Writes are never redirected. */
const redirect_READS = new Set(['GET', 'HEAD']);
/**
 * Follows redirects of reads: at most five, never from https to http, never to a link-local address or a machine's
 * metadata service. Removes the credentials from a request to another origin. The decorators below this one add
 * credentials again, but only for the registry's own origin.
 *
 * A redirect of any request to the same place over the other scheme is a failure that names the setting: over https the
 * request would carry no credentials, and a DELETE would not be sent at all.
 *
 * @param secret called with the link of each redirect, which may be signed, and the URL of the original request
 */
function following(send, secret = () => undefined) {
    return async (request) => {
        let current = request;
        for (let hops = 0;; hops++) {
            const response = await sendTo(send, current, request);
            const location = response.headers.get('location');
            if (location !== undefined && URL.canParse(location, current.url.href))
                secret(new URL(location, current.url), request.url);
            if (current.url.origin === request.url.origin)
                refuseOtherScheme(current, response);
            if (!redirect_READS.has(request.method) || !FOLLOWED.has(response.status) || location === undefined)
                return { ...response, ...whereFrom(request, current) };
            if (hops === redirect_MOST)
                throw new WireError(request, 'network', `more than ${redirect_MOST} redirects`);
            const { quoting } = response;
            // Check the text as it was received: `URL` changes the host to lower case. The query is never shown.
            const hidden = () => quoting?.word(location.replace(/[?#][^]*$/, '')) === undefined;
            const next = quoting === undefined ? { ...current } : { ...current, hidden };
            const url = target(request, next, location);
            current = url.origin === current.url.origin ? { ...next, url } : redirect_withoutCredentials(next, url);
        }
    };
}
/**
 * A TLS proxy in front of a registry, or a registry that does not know of it, sends requests on to the same host and path
 * with the other scheme, or to the root of that host. A redirect to storage has another path.
 *
 * @throws WireError for such a redirect, and for the address of an upload that leads from https to http
 */
function refuseOtherScheme(request, { status, headers }) {
    const location = headers.get('location');
    const isUpload = request.method === 'POST' && status === 202;
    if (location === undefined || !(FOLLOWED.has(status) || isUpload))
        return;
    const from = request.url;
    if (!URL.canParse(location, from.href))
        return;
    const to = new URL(location, from);
    if (to.hostname !== from.hostname || to.protocol === from.protocol)
        return;
    const isSamePlace = to.pathname === '/' || place(to) === `${to.origin}${place(from).slice(from.origin.length)}`;
    if (!isUpload && !isSamePlace)
        return;
    const { origin } = shownUrl({ ...request, url: to });
    if (to.protocol === 'http:')
        throw new WireError(request, 'redirected-to-http', origin);
    if (to.protocol !== 'https:' || isUpload)
        return;
    const isToken = request.purpose === 'token';
    throw new WireError(request, isToken ? 'token-service-redirects' : 'redirected-to-https', origin);
}
/** Sends a request, and names the storage if the request follows a redirect of a blob and fails. */
async function sendTo(send, current, requested) {
    try {
        return await send(current);
    }
    catch (error) {
        const isStorage = current.url.origin !== requested.url.origin && isBlob(requested);
        if (!isStorage || !(error instanceof WireError) || error.failure === 'cancelled')
            throw error;
        throw new StorageError(requested, storageOf(current), error);
    }
}
function isBlob({ url, purpose }) {
    return purpose !== 'token' && url.pathname.includes('/blobs/');
}
/** @returns whether a response comes from another place than its request named, and from which */
function whereFrom(requested, current) {
    const redirected = place(current.url) !== place(requested.url);
    return redirected ? { redirected, storage: storageOf(current) } : { redirected };
}
/** @returns the request for another origin */
function redirect_withoutCredentials(request, url) {
    const { authorization: _, ...headers } = request.headers;
    return { ...request, url, headers, identified: false };
}
/** @returns a key for a URL. A redirect that only adds or removes a slash does not lead to other storage */
function place(url) {
    return url.origin + url.pathname.replace(/\/$/, '');
}
/** @param from the request that was redirected @throws WireError if the redirect must not be followed */
function target(requested, from, location) {
    let url;
    try {
        url = new URL(location, from.url);
    }
    catch {
        throw new WireError(requested, 'network', 'a redirect to something that is not a URL');
    }
    const code = whyForbidden(url, from.url);
    if (code !== undefined) {
        const failure = 'forbidden-address';
        if (!isBlob(requested))
            throw new WireError(requested, failure, code);
        throw new StorageError(requested, storageOf({ ...from, url }), { failure, code });
    }
    url.username = '';
    url.password = '';
    return url;
}
/** @returns the words for an address to which this action never connects; undefined for any other */
function whyForbidden(url, from) {
    const plain = url.protocol === 'http:';
    if (url.protocol !== 'https:' && !plain)
        return 'an address that is neither https nor http';
    if (plain && from.protocol === 'https:')
        return 'plain http after https';
    return isForbidden(url.hostname) ? 'a link-local or metadata address' : undefined;
}

;// CONCATENATED MODULE: ./src/registry/decorators/retry.ts


const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);
/**
 * Attempts at most. If three responses in ten are lost, one read in 1,400 fails after six attempts. The proof repeats a
 * failed check in its next round, so a check needs fewer attempts.
 */
const ATTEMPTS = { read: 6, check: 4, once: 1 };
const retry_FIRST_PAUSE = 200;
const retry_LONGEST_PAUSE = 10_000;
const retry_LONGEST_RETRY_AFTER = 120_000;
/**
 * Decides whether a request is retried, and after which pause.
 *
 * A 429 is retried until the request's time is over. The first reset is retried at once: the server has probably closed
 * a kept connection. Failures that another attempt cannot change (host name, refused certificate, size) are not retried.
 *
 * @param tried attempts so far, 1 or more
 * @param now milliseconds since the epoch, for a Retry-After that is a date
 * @param random a number from 0 to 1, for jitter
 * @returns milliseconds to wait, or undefined for no retry
 */
function pauseBefore(attempt, tried, patience, now, random) {
    if (patience === 'once')
        return undefined;
    if (attempt instanceof WireError) {
        const transient = (attempt.failure === 'timeout' && patience === 'read') ||
            (attempt.failure === 'network' && /^(?:ECONN|EPIPE|EAI_AGAIN|ETIMEDOUT|ERR_STREAM)/.test(attempt.code));
        if (!transient || tried >= ATTEMPTS[patience])
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
    const requested = retryAfter(attempt.headers.get('retry-after'), now);
    // A pause is necessary, since a 429 is retried without limit.
    if (requested === undefined || requested === 0)
        return growing(tried, random);
    return Math.min(requested, retry_LONGEST_RETRY_AFTER);
}
function growing(tried, random) {
    return Math.min(retry_LONGEST_PAUSE, retry_FIRST_PAUSE * 2 ** Math.min(tried - 1, 16)) * (0.5 + random / 2);
}
/**
 * Retries requests that change nothing. The caller must check the outcome of any other request before it repeats it.
 *
 * @param clock for the pauses. A pause ends when the request's signal is aborted
 * @param random for jitter
 * @param failed called with each attempt that got no response, or one that another attempt may change
 */
function retrying(send, clock, random, failed = () => undefined) {
    return async (request) => {
        let throttled = 0;
        const lost = [];
        for (let sent = 1;; sent++) {
            const attempt = await send({ ...request, attempt: sent }).catch((error) => {
                if (error instanceof WireError)
                    return error;
                throw error;
            });
            if (retry_isFailure(attempt))
                failed(request, attempt);
            const isThrottled = !(attempt instanceof WireError) && attempt.status === 429;
            if (isThrottled)
                throttled++;
            // A 429 is not a failure, so it does not count as an attempt.
            const tried = isThrottled ? throttled : sent - throttled;
            const now = clock.now();
            const patience = changesNothing(request) ? request.patience : 'once';
            const pause = pauseBefore(attempt, tried, patience, now, random.int(1000) / 1000);
            const late = pause !== undefined && now + pause > (request.until ?? Infinity);
            if (pause === undefined || late || request.signal.aborted) {
                if (attempt instanceof WireError)
                    throw attempt;
                return lost.length > 0 ? { ...attempt, lost } : attempt;
            }
            if (!isThrottled)
                lost.push(attempt instanceof WireError ? attempt.code : String(attempt.status));
            await clock.sleep(pause, request.signal);
        }
    };
}
function retry_isFailure(attempt) {
    if (attempt instanceof WireError)
        return attempt.failure !== 'cancelled';
    return attempt.cut || TRANSIENT.has(attempt.status);
}
/** A probe names content that does not exist, and a token request changes nothing in the registry. */
function changesNothing({ method, purpose }) {
    return method === 'GET' || method === 'HEAD' || purpose === 'probe' || purpose === 'token';
}

;// CONCATENATED MODULE: ./src/registry/decorators/trace.ts

/**
 * Writes one line for each request that was sent: method, URL without the parts that may be secret, status or failure,
 * milliseconds, and number of the attempt (from 1).
 */
function traced(send, clock, write) {
    return async (request) => {
        const start = clock.now();
        const trace = (outcome) => write(`${request.method} ${display(shownUrl(request))} ${outcome} ${clock.now() - start} ms attempt ${request.attempt ?? 1}`);
        try {
            const response = await send(request);
            trace(trace_outcomeOf(response));
            return response;
        }
        catch (error) {
            trace(error instanceof WireError ? error.code : 'failed');
            throw error;
        }
    };
}
function trace_outcomeOf({ status, cut }) {
    return cut ? `${status} cut` : String(status);
}

// EXTERNAL MODULE: ./node_modules/node-fetch/src/index.js + 12 modules
var src = __webpack_require__(816);
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
;// CONCATENATED MODULE: ./src/registry/certificate.ts

/** @param pem a certificate that was read before @returns undefined if it cannot be read */
function certificateIn(pem) {
    try {
        return certificateOf(new external_node_crypto_.X509Certificate(pem));
    }
    catch {
        return undefined;
    }
}
function certificateOf(certificate) {
    const { subject, issuer, validFrom, validTo, subjectAltName = '' } = certificate;
    return {
        subject,
        issuer,
        from: Date.parse(validFrom),
        to: Date.parse(validTo),
        hosts: subjectAltName.split(', ').flatMap((each) => /^(?:DNS|IP Address):(.+)$/.exec(each)?.[1] ?? []),
    };
}

;// CONCATENATED MODULE: ./src/registry/transport/sent-certificates.ts



/** Certificates of one chain that are read, at most. */
const sent_certificates_MOST = 10;
/**
 * Connects to a host to read the certificates that it sends. The connection is not verified, so nothing is sent over it:
 * no request, no credentials and no client certificate. It ends after the handshake.
 *
 * @param agent makes the connection, through a proxy if need be. It must verify nothing and have a time limit
 * @returns the host's own certificate, and those that issued it as far as they were sent; empty if the handshake failed
 */
function sentCertificates(agent, { hostname, port }, signal) {
    const host = hostname.replace(/^\[|\]$/g, '');
    const { lookup, secureContext } = agent.options;
    const options = {
        host,
        port: Number(port || '443'),
        servername: (0,external_node_net_.isIP)(host) === 0 ? host : '',
        rejectUnauthorized: false,
        ...(lookup !== undefined && { lookup }),
        ...(secureContext !== undefined && { secureContext }),
    };
    return new Promise((resolve) => {
        const end = (socket) => {
            signal.removeEventListener('abort', cancel);
            resolve(socket instanceof (external_node_tls_default()).TLSSocket ? chainOf(socket) : []);
            socket?.destroy();
            made?.destroy();
        };
        const cancel = () => end();
        // Node calls the function if the connection uses a proxy. `made` is then the connection to the proxy.
        const made = agent.createConnection(options, (error, socket) => end(error === null ? socket : undefined));
        made?.on('error', cancel);
        made?.once('close', cancel);
        made?.once('secureConnect', () => end(made));
        if (signal.aborted)
            cancel();
        else
            signal.addEventListener('abort', cancel, { once: true });
    });
}
function chainOf(socket) {
    const chain = [];
    let next = socket.getPeerX509Certificate();
    while (next !== undefined && chain.length < sent_certificates_MOST) {
        chain.push(certificateOf(next));
        const issuer = next.issuerCertificate;
        next = issuer?.fingerprint256 === next.fingerprint256 ? undefined : issuer;
    }
    return chain;
}

;// CONCATENATED MODULE: ./src/registry/transport/trust.ts

/**
 * Returns the certificates to trust, in PEM: those of Node with NODE_EXTRA_CA_CERTS, those of the system, and `given`.
 *
 * On Linux, the system's are in OpenSSL's default file and folder, or in SSL_CERT_FILE and SSL_CERT_DIR. Node reads them
 * once, in some 30 ms, so they are read only for https. A missing store counts as empty. Of a file with a damaged
 * certificate, Node reads those before it.
 */
function trusted(given) {
    return [...new Set([...external_node_tls_default().getCACertificates('default'), ...systemStore(), ...given])];
}
/** A system whose store cannot be read is no reason to fail: Node's own list is often enough. */
function systemStore() {
    try {
        return external_node_tls_default().getCACertificates('system');
    }
    catch {
        return [];
    }
}

;// CONCATENATED MODULE: ./src/registry/transport/agents.ts









const CONNECT = 15_000;
/** The code for a host name that resolves to a forbidden address. */
const FORBIDDEN = 'EFORBIDDEN';
/** The code for a connection that was not made in time. */
const TOO_SLOW = 'ECONNECTLIMIT';
/** The connections of a run. Their target decides which certificates are trusted and whether the client's is used. */
class Agents {
    #options;
    #made = new Map();
    #contexts = new Map();
    #sent = new Map();
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
    /**
     * Returns what is known about the certificate of a host that could not be verified. Connects to the host once a run, and
     * sends nothing over that connection.
     */
    async unverified({ url }, signal) {
        const known = this.#sent.get(url.host);
        const sent = known ?? this.#look(url, signal);
        this.#sent.set(url.host, sent);
        const given = this.#options.authorities.flatMap((pem) => certificateIn(pem) ?? []);
        return { given, sent: await sent, at: Date.now() };
    }
    async #look(url, signal) {
        const { origin, proxy, connect = CONNECT, resolve = external_node_dns_.lookup } = this.#options;
        // The certificate that comes first is then that of the proxy.
        if ((proxy['https_proxy'] || proxy['HTTPS_PROXY'])?.startsWith('https:') === true)
            return [];
        const agent = new (external_node_https_default()).Agent({
            proxyEnv: { ...proxy },
            lookup: url.origin === origin ? resolve : carefully(new URL(origin).hostname, resolve),
            secureContext: external_node_tls_default().createSecureContext({ ca: [] }),
        });
        return sentCertificates(inTime(agent, 'secureConnect', connect), url, signal);
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
            // The user named the registry, so it may have any address. Responses name all other hosts.
            lookup: kind === 'registry' ? own : carefully(new URL(origin).hostname, own),
        };
        if (!secure)
            return inTime(proxied(() => new (external_node_http_default()).Agent(common)), 'connect', connect);
        const settings = {
            ...common,
            secureContext: this.#context(kind !== 'elsewhere'),
            rejectUnauthorized: verify || kind !== 'registry',
            // Do not resume a session on a fresh connection: a load balancer may choose the replica by TLS session.
            ...(fresh && { maxCachedSessions: 0 }),
        };
        const agent = proxied(() => new (external_node_https_default()).Agent(settings));
        return inTime(agent, 'secureConnect', connect);
    }
    /**
     * The certificates to trust and to send. Made only once: otherwise each fresh connection would parse all authorities,
     * which takes longer than a whole request.
     *
     * A chain may end at any trusted certificate, not only at a root, as with Docker and curl: users give the certificate
     * that they have, which may be an intermediate or the server's own.
     */
    #context(identified) {
        const { client, authorities } = this.#options;
        const known = this.#contexts.get(identified);
        if (known !== undefined)
            return known;
        const context = external_node_tls_default().createSecureContext({
            ca: trusted(authorities),
            allowPartialTrustChain: true,
            ...(client !== undefined && identified && { cert: client.certificate, key: client.key }),
        });
        this.#contexts.set(identified, context);
        return context;
    }
}
/** Makes an agent. Node throws an error with the whole address if that of the proxy is not valid. */
function proxied(make) {
    try {
        return make();
    }
    catch {
        throw Object.assign(new Error('the address of a proxy is not valid'), { code: INVALID_PROXY });
    }
}
/** Limits the time to connect. @param ready the event of a socket that is connected */
function inTime(agent, ready, ms) {
    const create = agent.createConnection.bind(agent);
    agent.createConnection = (options, callback) => {
        let settle = () => undefined;
        // Node calls this if the connection uses a proxy. `socket` is then the one to the proxy.
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
 * Resolves host names, and fails with `FORBIDDEN` if an address is forbidden.
 *
 * @param own the host that the user named, which may have any address
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
 * Resolves host names so that each new connection starts with the next address of a host, which may be another replica.
 * If an address does not respond, Node tries the others.
 */
function rotating(resolve) {
    let turn = 0;
    return (hostname, options, callback) => {
        resolve(hostname, { ...options, all: true }, (error, address, family) => {
            if (error !== null || !Array.isArray(address))
                return callback(error, address, family);
            // The system may rotate the addresses, too. Without sorting, both rotations could yield the same address each time.
            const sorted = [...address].sort((one, other) => (one.address < other.address ? -1 : 1));
            const from = turn++ % Math.max(1, sorted.length);
            const rotated = [...sorted.slice(from), ...sorted.slice(0, from)];
            const [first] = rotated;
            if (options.all === true || first === undefined)
                callback(null, rotated);
            else
                callback(null, first.address, first.family);
        });
    };
}

;// CONCATENATED MODULE: ./src/registry/code.ts
/** @returns the code of a system error or an error of the HTTP library, such as ECONNRESET or ENOSPC, or `unknown` */
function codeOf(error) {
    const code = error?.code;
    return typeof code === 'string' && /^\w+$/.test(code) ? code : 'unknown';
}

;// CONCATENATED MODULE: ./src/registry/transport/deadline.ts




/** The time limits and the cancellation of one request. Explains which of them ended it. */
class Deadline {
    #request;
    #controller = new AbortController();
    #timers;
    #cancel = () => this.#controller.abort();
    #late = false;
    constructor(request) {
        this.#request = request;
        const end = () => {
            this.#late = true;
            this.#controller.abort();
        };
        const limits = [
            request.timeout,
            ...(request.headersTimeout === undefined ? [] : [request.headersTimeout]),
        ];
        this.#timers = limits.map((ms) => setTimeout(end, ms));
        if (request.signal.aborted)
            this.#cancel();
        else
            request.signal.addEventListener('abort', this.#cancel, { once: true });
    }
    get signal() {
        return this.#controller.signal;
    }
    /** Ends the time limit of the headers. The limit of the whole response continues. */
    headersCame() {
        clearTimeout(this.#timers[1]);
    }
    /** @returns a WireError without its cause: the message of the underlying error holds the whole URL */
    explain(error) {
        if (error instanceof WireError)
            return error;
        const request = this.#request;
        if (codeOf(error) === FORBIDDEN)
            return new WireError(request, 'forbidden-address', 'a link-local or metadata address');
        if (this.#late)
            return new WireError(request, 'timeout', 'ETIMEDOUT');
        if (request.signal.aborted)
            return new WireError(request, 'cancelled', 'ABORTED');
        return new WireError(request, 'network', isOfProxy(error, request.url) ? NO_PROXY : codeOf(error));
    }
    clear() {
        for (const timer of this.#timers)
            clearTimeout(timer);
        this.#request.signal.removeEventListener('abort', this.#cancel);
    }
}
/** Node's messages name the address that failed. If it is not the requested one, it belongs to a proxy. */
function isOfProxy(error, { hostname, port, protocol }) {
    const text = error instanceof Error ? error.message : '';
    const [, refused] = /connect E\w+ \S*:(\d+)$/.exec(text) ?? [];
    if (refused !== undefined)
        return refused !== (port || (protocol === 'https:' ? '443' : '80'));
    const [, unknown] = /getaddrinfo E\w+ (\S+)$/.exec(text) ?? [];
    return unknown !== undefined && unknown !== hostname;
}

;// CONCATENATED MODULE: ./src/registry/transport/receive.ts



/** Bytes of an error body to read, at most. The rest is dropped. */
const ERROR_LIMIT = 64 << 10;
const PROXY = 'it comes from a proxy that asks for credentials: add them to HTTPS_PROXY or HTTP_PROXY';
const EMPTY = { body: new Uint8Array(), cut: false };
const UNREAD = { ...EMPTY, ended: true };
/**
 * Reads the body of a response, according to the options of its request.
 *
 * @throws WireError if the body is too large; any error of the connection
 */
async function receive(request, fetched) {
    const { status } = fetched;
    const headers = headersOf(fetched);
    const stream = fetched.body;
    const body = stream === null || request.method === 'HEAD' ? EMPTY : await readBody(request, fetched, stream);
    return { status, headers, redirected: false, ...(status === 407 && { note: PROXY }), ...body };
}
async function readBody(request, { status, headers }, stream) {
    const length = headers.get('content-length');
    const announced = length === null ? undefined : Number(length);
    const isLong = announced === undefined || announced > request.limit;
    const needsBytes = request.firstBytes === true && status === 200;
    if (request.peek && isLong && !needsBytes) {
        stream.destroy();
        return UNREAD;
    }
    const limit = status < 400 ? request.limit : Math.min(request.limit, ERROR_LIMIT);
    const hashes = request.hash === true ? new Hashes() : undefined;
    const parts = [];
    let size = 0;
    try {
        for await (const part of stream) {
            size += part.length;
            if (needsBytes && (size > limit || (size > 0 && (announced ?? 0) > limit))) {
                stream.destroy();
                return UNREAD;
            }
            if (hashes !== undefined && status === 200) {
                hashes.update(part);
                continue;
            }
            if (size > limit) {
                stream.destroy();
                if (status < 400)
                    throw new WireError(request, 'too-large', String(limit));
                // The beginning of an error body is enough.
                parts.push(part.subarray(0, part.length - (size - limit)));
                return { body: Buffer.concat(parts), cut: false };
            }
            parts.push(part);
        }
    }
    catch (error) {
        if (error instanceof WireError || request.signal.aborted || !isReset(error))
            throw error;
        return { body: Buffer.concat(parts), cut: true };
    }
    const cut = announced !== undefined && size < announced;
    return { body: Buffer.concat(parts), cut, ...(hashes !== undefined && { hashes: hashes.digests() }) };
}
/** Headers with one value. A proxy may add one that is there already, and Node joins the two with a comma. */
const SINGLE = new Set(['content-type', 'docker-content-digest', 'location']);
/** Reads headers on demand. Copying them all would take longer than the rest of `receive`. */
function headersOf({ headers }) {
    return {
        get: (name) => {
            const value = headers.get(name) ?? undefined;
            return value?.includes(',') === true && SINGLE.has(name) ? receive_once(value) : value;
        },
        has: (name) => headers.has(name),
        keys: () => headers.keys(),
    };
}
/** @returns the one value of a header that was sent several times with it; different values stay joined, which none can be */
function receive_once(joined) {
    const values = joined.split(',').map((each) => each.trim());
    const [first = '', ...others] = values.filter((each) => each !== '');
    return others.every((each) => each === first) ? first : joined;
}
/** Computes both digests of a body that is not kept. */
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
/** @returns whether the connection broke during the body. Status and headers are then complete */
function isReset(error) {
    return ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(codeOf(error));
}

;// CONCATENATED MODULE: ./src/registry/transport/transport.ts






/**
 * Makes the innermost Send, with node-fetch. It follows no redirect, requests no compression (digests need the stored
 * bytes) and leaves no body open, since an open body would occupy its socket for ever.
 *
 * @returns the Send, and a function that closes all kept connections
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
                    // A cache in front of the registry may hold an old response (RFC 9111, 5.2.1.4).
                    'cache-control': 'no-cache',
                    ...request.headers,
                },
                ...(request.body !== undefined && { body: Buffer.from(request.body) }),
                agent: agents.for(request),
                redirect: 'manual',
                compress: false,
                signal: deadline.signal,
            });
            deadline.headersCame();
            return await receive(request, fetched);
        }
        catch (error) {
            const failure = deadline.explain(error);
            if (failure.failure !== 'network' || !isOfCertificate(failure.code))
                throw failure;
            const unverified = await agents.unverified(request, deadline.signal);
            throw new WireError(request, 'network', failure.code, { unverified });
        }
        finally {
            deadline.clear();
        }
    };
    return { send, close: () => agents.close() };
}

;// CONCATENATED MODULE: ./src/registry/connect.ts










/** Requests to token services in flight, at most. */
const TOKEN_REQUESTS = 4;
/**
 * Builds a client. Its layers from the inside out: transport, removal of secrets from quotes of a response, a line in
 * the debug log, the pause that a host requests, a limit on requests in flight, credentials for the registry's own
 * origin, redirects (each hop passes through all layers below), and retries. Requests to token services use the same
 * layers without the credentials.
 *
 * @returns the client, and a function that closes its connections
 */
function connect(options) {
    const { origin, concurrency, clock, random, stop, kill, secrets, sent, trace } = options;
    const { credentials, source } = options.found;
    const { send, close } = transport({
        origin,
        authorities: options.authorities,
        verify: options.verifyTls,
        connections: concurrency,
        proxy: options.proxy,
        userAgent: options.userAgent,
        ...(options.clientTls !== undefined && { client: options.clientTls }),
    });
    const pace = new Pace(clock, random);
    const quotable = quoted_quoted(send, secrets.quoting);
    const paced = pace.decorate(trace === undefined ? quotable : traced(quotable, clock, trace));
    const addLink = (link, requested) => secrets.addLink(link, requested);
    const failed = (request, attempt) => options.failures?.add(request, attempt);
    const tokens = new Tokens({
        send: retrying(following(limited(paced, TOKEN_REQUESTS, sent), addLink), clock, random, failed),
        credentials,
        clock,
        kill,
        secret: (text) => secrets.addFromWire(text),
    });
    const authorized = authorizing(limited(paced, concurrency, sent), { origin, credentials, tokens, clock });
    const client = new Client({
        origin,
        credentialsFrom: credentials === undefined ? undefined : source,
        send: retrying(following(authorized, addLink), clock, random, failed),
        heldFor: () => pace.heldFor(origin),
        now: () => clock.now(),
        random,
        stop,
        kill,
    });
    return { client, close };
}

;// CONCATENATED MODULE: ./src/oci/parsed.ts
/** @returns whether the value is the reason why there is no result */
function isWrong(value) {
    return value !== undefined && 'wrong' in value;
}

;// CONCATENATED MODULE: ./src/registry/credentials/docker-config.ts

/** The key of Docker Hub, for historical reasons. */
const HUB_KEY = 'https://index.docker.io/v1/';
const docker_config_HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);
/** Paths of a key for a whole host. Some tools write longer paths, for a part of a host. */
const PATHS = /^\/?(?:v[12]\/?)?$/;
/** Stricter than `URL`, which accepts many other texts as a host. */
const docker_config_HOST = /^(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
const HELPER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/;
/**
 * Finds a host in a Docker config, as the Docker CLI does: first the helper for the host (`credHelpers`) or for all hosts
 * (`credsStore`), then the file itself. Compares whole hosts with their ports: an entry for another port, or for a parent
 * domain, belongs to another registry.
 *
 * @param text the content of config.json
 * @param origin scheme, host and port of the registry
 * @returns the places to try, in this order, or why the file cannot be used
 */
function placesIn(text, origin) {
    let config;
    try {
        config = JSON.parse(text.replace(/^\uFEFF/, ''));
    }
    catch {
        return { wrong: 'is not JSON' };
    }
    if (!isObject(config))
        return { wrong: 'is not a JSON object' };
    const { auths, credHelpers, credsStore } = config;
    if (auths !== undefined && auths !== null && !isObject(auths))
        return { wrong: 'has `auths` that are not an object' };
    if (credHelpers !== undefined && credHelpers !== null && !isObject(credHelpers))
        return { wrong: 'has `credHelpers` that are not an object' };
    const keys = Object.keys(auths ?? {}).filter((key) => isFor(key, origin));
    // A key with the host alone comes before a key with a path.
    keys.sort((one, other) => Number(one.includes('/')) - Number(other.includes('/')));
    const places = [];
    const named = Object.entries(credHelpers ?? {}).find(([key]) => isFor(key, origin));
    const setting = named === undefined ? '`credsStore`' : `\`credHelpers\` entry ${JSON.stringify(named[0])}`;
    const helper = named === undefined ? credsStore : named[1];
    if (helper !== undefined && helper !== null && helper !== '') {
        if (typeof helper !== 'string' || !HELPER.test(helper))
            return { wrong: `has a ${setting} that does not name a helper` };
        places.push({ is: 'helper', helper, setting, servers: [...new Set([serverOf(origin), ...keys])] });
    }
    for (const key of keys) {
        const credentials = readEntry(auths[key]);
        if (isWrong(credentials))
            return { wrong: `has an entry ${JSON.stringify(key)} ${credentials.wrong}` };
        if (credentials !== undefined)
            places.push({ is: 'entry', key, credentials });
    }
    return places;
}
/** @returns the credentials of an entry, undefined if it has none (a helper has them), or why it cannot be used */
function readEntry(entry) {
    if (!isObject(entry))
        return { wrong: 'that is not an object' };
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
            return { wrong: 'whose `auth` is not the base64 form of user:password' };
        return { kind: 'basic', username: pair.slice(0, colon), password: pair.slice(colon + 1) };
    }
    if (isText(username) && isText(password))
        return { kind: 'basic', username, password };
    return undefined;
}
/** @returns whether a key of the config names this host */
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
/** Characters of its output, at most. */
const helper_LIMIT = 64 << 10;
/** By the protocol, the output of a helper that does not know the host. */
const NOT_FOUND = 'credentials not found';
/** By the protocol, the user name beside a refresh token. */
const TOKEN_USER = '<token>';
const STOPPED = { wrong: 'was stopped before it responded' };
/**
 * Runs a credential helper: `docker-credential-<name> get`, with the host on its standard input and JSON on its standard
 * output. Its arguments hold no secret.
 *
 * @param server the host, or its key in the Docker config
 * @returns the credentials, undefined if it has none, or why it failed
 */
async function runHelper(name, server, options) {
    const ran = await helper_run(`docker-credential-${name}`, server, options);
    if (isWrong(ran))
        return ran;
    const { code, output } = ran;
    if (code !== 0) {
        if (output.toLowerCase().includes(NOT_FOUND))
            return undefined;
        return { wrong: `failed with exit code ${code}${messageIn(output)}` };
    }
    let parsed;
    try {
        parsed = (JSON.parse(output) ?? {});
    }
    catch {
        return { wrong: 'printed something that is not JSON' };
    }
    const { Username: username, Secret: secret } = parsed;
    if (typeof username !== 'string' || typeof secret !== 'string')
        return { wrong: 'printed JSON without a user name and a secret' };
    if (secret === '')
        return undefined;
    if (username === TOKEN_USER)
        return { kind: 'identity', token: secret };
    if (username === '')
        return { wrong: 'printed JSON without a user name' };
    return { kind: 'basic', username, password: secret };
}
/** By the protocol, a failed helper prints a message. Output that looks like JSON may hold a secret, so it is not shown. */
function messageIn(output) {
    const line = output.trim().split(/\r?\n/)[0] ?? '';
    return line === '' || /[{"]/.test(output) ? '' : ` (${line.length > 200 ? `${line.slice(0, 200)}…` : line})`;
}
function helper_run(command, input, { environment, signal, timeout = helper_TIMEOUT }) {
    return new Promise((resolve) => {
        if (signal.aborted)
            return resolve(STOPPED);
        // A process group of its own, so that its children can be killed with it.
        const child = (0,external_node_child_process_.spawn)(command, ['get'], {
            env: { ...environment },
            stdio: ['pipe', 'pipe', 'ignore'],
            detached: process.platform !== 'win32',
        });
        let output = '';
        const end = (outcome) => {
            clearTimeout(timer);
            signal.removeEventListener('abort', stop);
            if (child.exitCode === null && child.signalCode === null)
                endGroup(child);
            // A child that it left behind may hold the pipe open.
            child.stdout.destroy();
            child.unref();
            resolve(outcome);
        };
        const stop = () => end(STOPPED);
        const timer = setTimeout(() => end({ wrong: `did not respond within ${timeout / 1000} s` }), timeout);
        signal.addEventListener('abort', stop, { once: true });
        child.stdout.setEncoding('utf8').on('data', (text) => {
            output += text;
            if (output.length > helper_LIMIT)
                end({ wrong: `printed more than ${helper_LIMIT} characters` });
        });
        child.stdin.on('error', () => undefined);
        child.on('error', (error) => end({
            wrong: error.code === 'ENOENT'
                ? 'is not on the PATH'
                : `could not be started (${error.code ?? 'unknown'})`,
        }));
        child.on('close', (code) => end({ code, output }));
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





/** The Docker config cannot be used. The message says what to do. */
class CredentialsError extends Error {
    name = 'CredentialsError';
}
const REMEDY = 'Log in again, or set `username` and `password`';
/**
 * Finds the credentials for a registry in the inputs, or else in the Docker config, which `docker/login-action` and the
 * login actions of clouds write in an earlier step.
 *
 * @throws CredentialsError if the config cannot be read, or its entry for the registry cannot be used: without it, the
 *   requests would be anonymous or those of another user
 */
async function findCredentials({ origin, given, folder, environment, signal, }) {
    if (given !== undefined)
        return { credentials: { kind: 'basic', ...given }, source: 'the inputs `username` and `password`' };
    const file = (0,external_node_path_.join)(folder, 'config.json');
    const { host } = new URL(origin);
    const text = find_read(file);
    const places = text === undefined ? [] : placesIn(text, origin);
    if (isWrong(places))
        throw new CredentialsError(`the Docker config ${file} ${places.wrong}. ${REMEDY}`);
    for (const place of places) {
        if (place.is === 'entry')
            return {
                credentials: place.credentials,
                source: `the Docker config (entry ${JSON.stringify(place.key)} in ${file})`,
            };
        const credentials = await fromHelper(place, { file, host, environment, signal });
        if (credentials !== undefined)
            return { credentials, source: `docker-credential-${place.helper} (${place.setting} in ${file})` };
    }
    return { source: `no \`username\`, and no entry for ${host} in ${file}` };
}
/** Tries every name under which the helper may know the host. */
async function fromHelper({ helper, setting, servers }, { file, host, ...options }) {
    for (const server of servers) {
        const credentials = await runHelper(helper, server, options);
        if (isWrong(credentials))
            throw new CredentialsError(`docker-credential-${helper}, which the ${setting} in ${file} names for ${host}, ${credentials.wrong}. ${REMEDY}`);
        if (credentials !== undefined)
            return credentials;
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
        throw new CredentialsError(`the Docker config ${file} cannot be read (${code}). ${REMEDY}`, {
            cause: error,
        });
    }
}

;// CONCATENATED MODULE: ./src/registry/failures.ts


/** Counts the attempts that failed, for the message of a run whose time was up because of them. */
class Failures {
    #attempts = 0;
    #last = '';
    /** Adds an attempt that failed. @param failed the response, or the error if there was none */
    add(request, failed) {
        this.#attempts++;
        this.#last =
            failed instanceof WireError
                ? failed.message
                : `${request.method} ${display(shownUrl(request))}: ${describeSource(failed)}`;
    }
    /** How many attempts failed, and the last of them in one bounded line. Undefined if none did. */
    get summary() {
        return this.#attempts === 0 ? undefined : { attempts: this.#attempts, last: this.#last };
    }
}

;// CONCATENATED MODULE: ./src/survey/lists/referrers.ts




const referrers_PAGES = 1000;
const REFERRERS = 100_000;
/**
 * Lists the referrers of a manifest by the referrers API, to the last page (distribution-spec 1.1, end-12). A registry
 * with the API returns 200 with an index even if nothing refers to the manifest. Which responses mean that it has no such API
 * is in the table of responses (`registry/answers/reads.ts`).
 *
 * @param fresh whether to use a new connection
 * @throws WireError
 */
async function listReferrers(client, repository, subject, fresh = false) {
    const list = await pastCaches(client, (cacheBuster) => readPages({
        first: new URL(`/v2/${repository}/referrers/${subject}`, client.origin),
        mostPages: referrers_PAGES,
        mostEntries: REFERRERS,
        request: (page) => client.referrers(repository, subject, page, {
            fresh,
            ...(cacheBuster !== undefined && { cacheBuster }),
        }),
        read: referrers_readPage,
    }));
    if (list.is === 'absent')
        return list;
    return list.is === 'names' ? { is: 'listed', digests: list.names } : { is: 'unclear', why: list };
}
function referrers_readPage({ response, body, isFirst }) {
    const means = meaningOf('referrers', response);
    if (isFirst && !isBroken(response, body) && (means === 'unsupported' || means === 'unknown'))
        return { is: 'absent', sign: means === 'unknown' ? means : hasNoRoute(response) ? 'no-route' : 'other' };
    const names = entriesIn(body);
    return names === undefined ? { is: 'refused', answered: describe(response) } : { is: 'names', names };
}
/** Whether a response announces JSON and is none: a list that is cut off shows nothing. */
function isBroken({ status, cut, headers }, body) {
    const type = (headers.get('content-type') ?? '').toLowerCase();
    return cut || (status === 200 && body === undefined && type.includes('json'));
}
/** Whether Go's own router sent the 404, as distribution does for a path that it does not know. */
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

;// CONCATENATED MODULE: ./src/survey/referrers-api.ts



/** The referrers API of a registry. It finds out once for each repository whether the API exists, and remembers that. */
class ReferrersApi {
    #client;
    #random;
    #present = new Map();
    /** Repositories whose first responses did not show for certain that they have no such API. */
    #doubtful = new Set();
    constructor(client, random) {
        this.#client = client;
        this.#random = random;
    }
    /** @returns whether a repository has the API; false before the first call of `list` */
    async isPresent(repository) {
        return (await this.#present.get(repository)?.catch(() => true)) ?? false;
    }
    /**
     * Lists the referrers of a manifest. The first response for a repository shows whether it has the API. If that response
     * may be a passing failure, a second request decides. If there is no API, it sends no further request for that
     * repository.
     *
     * @throws WireError
     */
    async list(repository, subject) {
        const known = this.#present.get(repository);
        if (known === undefined) {
            const first = this.#first(repository, subject);
            const present = first.then(({ is }) => is !== 'absent');
            present.catch(() => undefined);
            this.#present.set(repository, present);
            return first;
        }
        if (!(await known))
            return { is: 'absent', sign: 'no-route' };
        const listing = await listReferrers(this.#client, repository, subject);
        if (listing.is !== 'absent')
            return listing;
        if (listing.sign === 'unknown' && (await this.#isUnknown(repository, subject)))
            return { is: 'listed', digests: [] };
        // A registry with the API returns a list for every manifest that it has, so this is a failure and not an empty list.
        return { is: 'unclear', why: { is: 'missing', elsewhere: false } };
    }
    /**
     * Asks again whether a repository without the API really has none. One passing failure of a proxy must not hide what
     * refers to a manifest. Sends a request only if the first responses left a doubt.
     *
     * @throws WireError
     */
    async isStillAbsent(repository, subject) {
        if (!this.#doubtful.has(repository))
            return true;
        return (await listReferrers(this.#client, repository, subject, true)).is === 'absent';
    }
    /** Finds out whether the registry does not know a manifest, such as one that this run deleted. */
    async #isUnknown(repository, subject) {
        const response = await this.#client.manifest(repository, subject, FRESH_READ);
        return ['unknown', 'perhaps-unknown'].includes(meaningOf('manifest', response));
    }
    /** Sends the first request, and checks a refusal: one stale replica, or one error page of a proxy, must not hide all signatures. */
    async #first(repository, subject) {
        const first = await listReferrers(this.#client, repository, subject);
        if (first.is !== 'absent' || first.sign === 'no-route')
            return first;
        // A registry with the API returns a list for any digest, even for one that never existed.
        const random = `sha256:${this.#random.hex(32)}`;
        const other = await listReferrers(this.#client, repository, random, true);
        if (other.is === 'absent' && (other.sign === 'unknown') === (first.sign === 'unknown')) {
            this.#doubtful.add(repository);
            return first;
        }
        const again = await listReferrers(this.#client, repository, subject, true);
        return again.is === 'absent' ? { is: 'unclear', why: { is: 'missing', elsewhere: true } } : again;
    }
}

;// CONCATENATED MODULE: ./src/survey/capabilities.ts







const PROBE = { purpose: 'probe', timeout: 60_000 };
/**
 * Finds out by probes what the registry can do, and remembers it for the run. It does not use the names and versions of
 * registry products. Every probe names something random that does not exist, so a probe changes nothing.
 */
class Capabilities {
    #client;
    #random;
    #referrersApi;
    /** Repositories whose tag endpoint is missing. A proxy may forward each repository to another registry. */
    #noTagEndpoint = new Set();
    /** Repositories that accept only digests in a DELETE, as distribution 2.x does. */
    #digestsOnly = new Set();
    #manifestDeletions = new Map();
    constructor(client, random) {
        this.#client = client;
        this.#random = random;
        this.#referrersApi = new ReferrersApi(client, random);
    }
    /** @returns whether a tag can only be deleted together with its manifest; false if that is not known */
    tagsGoWithManifests(repository) {
        return this.#noTagEndpoint.has(repository);
    }
    /**
     * @returns whether a repository keeps manifests that lose their last tag. Only distribution 2.x is known to do so. Its
     *   response to the DELETE of a tag identifies it
     */
    keepsUntagged(repository) {
        return this.#digestsOnly.has(repository);
    }
    /** @returns whether a repository has the referrers API; false if that is not known */
    hasReferrersApi(repository) {
        return this.#referrersApi.isPresent(repository);
    }
    /** Remembers that a real tag could not be deleted by name. */
    noteNoTagEndpoint(repository) {
        this.#noTagEndpoint.add(repository);
    }
    /**
     * Probes whether manifests and blobs can be deleted, with one DELETE of a random digest each. Call it before any
     * write: distribution 3.0.0 deletes tags even if deletion is off (CVE-2026-41888).
     *
     * @throws WireError if there is no response
     */
    async deletion(repository) {
        const [manifestDeletion, blobProbe] = await Promise.all([
            this.#manifestDeletion(repository),
            this.#client.deleteBlob(repository, this.#randomDigest(), PROBE),
        ]);
        return { manifestDeletion, blobDeletion: judgeBlobProbe(blobProbe, manifestDeletion) };
    }
    /**
     * Probes for a way to delete a tag and keep its manifest. It tries each dialect in turn. If the registry has none of
     * them (distribution 2.x), the way is a placeholder, for which the registry must be able to delete manifests. It tries
     * the next dialect only if the response shows that the endpoint is missing, and never after a failure (safety rule 7).
     *
     * @throws WireError if there is no response
     */
    async untagging(repository) {
        for (const dialect of DIALECTS) {
            if (dialect === dialects_STANDARD && this.#noTagEndpoint.has(repository))
                continue;
            const response = await dialect.remove(this.#client, repository, this.#randomTag(), PROBE);
            if (dialect.recognise(response))
                return by(dialect.name, capabilities_judge('probe-tag', response));
            if (dialect === dialects_STANDARD) {
                this.#noTagEndpoint.add(repository);
                if (hasCode(response, 'DIGEST_INVALID'))
                    this.#digestsOnly.add(repository);
            }
        }
        return by('placeholder', this.#manifestDeletions.get(repository) ?? (await this.#manifestDeletion(repository)));
    }
    /**
     * Probes again, without the tag endpoint: it passed the probe, but refused a real tag.
     *
     * @throws WireError if there is no response
     */
    untaggingWithout(repository) {
        this.#noTagEndpoint.add(repository);
        return this.untagging(repository);
    }
    /** Asks again whether a repository has no referrers API, if the first responses left a doubt. @throws WireError */
    hasStillNoReferrersApi(repository, subject) {
        return this.#referrersApi.isStillAbsent(repository, subject);
    }
    /**
     * Lists what refers to a manifest, if the registry has the referrers API.
     *
     * @throws WireError
     */
    referrers(repository, subject) {
        return this.#referrersApi.list(repository, subject);
    }
    /** Probes whether blobs can be deleted. @throws WireError if there is no response */
    async blobDeletion(repository) {
        const response = await this.#client.deleteBlob(repository, this.#randomDigest(), PROBE);
        return judgeBlobProbe(response, this.#manifestDeletions.get(repository));
    }
    /**
     * Finds out whether a refused DELETE of a tag means that no tag can be deleted by name: then the DELETE of a random tag
     * gets the same status and code (Pulp). Otherwise only this tag is refused (safety rule 7).
     *
     * @throws WireError if there is no response
     */
    async refusesEveryTag(repository, refused) {
        const response = await this.#client.deleteManifest(repository, this.#randomTag(), PROBE);
        return response.status === refused.status && firstCode(response) === refused.code;
    }
    /**
     * Finds out whether a 404 for a manifest is the registry's own: then a random digest gets one of the same form at the same
     * time.
     *
     * @throws WireError if there is no response
     */
    async isOwnAbsence(repository, response) {
        const absence = absenceOf(response);
        if (absence === undefined)
            return false;
        const expected = absenceOf(await this.#client.manifest(repository, this.#randomDigest(), FRESH_READ));
        return expected !== undefined && sameAbsence(absence, expected);
    }
    /**
     * Finds out whether NOT_FOUND is how this registry itself says that it does not know something, as Harbor does: then a
     * random manifest gets it, too.
     *
     * @throws WireError if there is no response
     */
    async saysNotFound(repository) {
        const response = await this.#client.manifest(repository, this.#randomDigest(), FRESH_READ);
        return meaningOf('manifest', response) === 'perhaps-unknown';
    }
    async #manifestDeletion(repository) {
        const response = await this.#client.deleteManifest(repository, this.#randomDigest(), PROBE);
        const deletion = capabilities_judge('probe-manifest', response);
        this.#manifestDeletions.set(repository, deletion);
        return deletion;
    }
    #randomDigest() {
        return `sha256:${this.#random.hex(32)}`;
    }
    #randomTag() {
        return `registry-purge-probe-${this.#random.hex(16)}`;
    }
}
function by(way, deletion) {
    return deletion.is === 'on' ? { is: 'possible', way } : { is: 'impossible', deletion };
}
/** Deletion is on if the registry does not know the random name, and only then. */
function capabilities_judge(asked, response) {
    const answered = describe(response);
    const means = meaningOf(asked, response);
    if (means === 'unknown')
        return { is: 'on' };
    if (means === 'unauthenticated' || means === 'forbidden') {
        const right = rightFor(response, 'delete');
        return { is: 'denied', answered, ...(right !== undefined && { right }) };
    }
    if (means === 'off' || means === 'read-only')
        return { is: 'off', answered, readOnly: means === 'read-only' };
    // A firewall's 403 is a missing right as well: a dry run only warns.
    const denied = means === 'foreign' && response.status === 403;
    return { is: 'unclear', answered, means, denied };
}
/**
 * Gitea accepts the DELETE of any blob, also of one that never existed. That says nothing, so the response to the DELETE of
 * the random manifest decides.
 */
function judgeBlobProbe(response, manifestDeletion) {
    const deletion = capabilities_judge('probe-blob', response);
    const saysYes = deletion.is === 'unclear' && deletion.means === 'asynchronous';
    return saysYes && manifestDeletion?.is === 'on' ? manifestDeletion : deletion;
}

;// CONCATENATED MODULE: ./src/version.ts
/** The version of this action. A test compares it with package.json. */
const VERSION = '1.0.0';

;// CONCATENATED MODULE: ./src/engine.ts









/**
 * Runs a purge or a cleanup. It is the only entry point, for every front end. Never throws: a failure becomes a problem
 * in the journal.
 *
 * @returns the result of the run, which the journal holds as well
 */
async function engine_run(settings, surroundings, journal) {
    const failures = new Failures();
    let result;
    try {
        journal.save();
        result = await connected(settings, { ...surroundings, failures }, journal);
    }
    catch (error) {
        journal.problem(engine_problemOf(error, settings, surroundings.stop, failures));
        const cancelled = surroundings.stop.aborted && surroundings.stop.reason !== 'timeout';
        result = cancelled ? 'cancelled' : journal.wrote ? 'incomplete' : 'refused';
    }
    journal.ended(result);
    return result;
}
async function connected(settings, surroundings, journal) {
    const { clock, random, secrets, progress, stop, docker, trace } = surroundings;
    const { origin, verifyTls, concurrency } = settings;
    secrets.spare(Object.values(settings.shown));
    const found = await findCredentials({ origin, given: settings.basic, ...docker, signal: stop });
    for (const secret of found.credentials === undefined ? [] : secretsOf(found.credentials))
        secrets.add(secret);
    journal.note(`registry-purge ${VERSION}: ${origin}, ${engine_access(found)}`);
    if (!verifyTls)
        journal.warn({ kind: 'certificate-not-checked', origin });
    const { client, close } = connect({
        ...settings,
        ...surroundings,
        found,
        sent: (purpose) => journal.sent(purpose),
        userAgent: `registry-purge/${VERSION}`,
        ...(trace !== undefined && { trace }),
    });
    const capabilities = new Capabilities(client, random);
    try {
        return await run(settings, { client, capabilities, clock, random, width: concurrency, progress }, journal);
    }
    finally {
        journal.close();
        close();
    }
}
function engine_access({ credentials, source }) {
    return credentials === undefined ? `anonymous (${source})` : `credentials from ${source}`;
}
function engine_problemOf(error, { shown }, stop, { summary: failures }) {
    if (stop.aborted && stop.reason === 'timeout')
        return { kind: 'timeout', limit: shown['timeout'] ?? '', ...(failures !== undefined && { failures }) };
    if (stop.aborted)
        return { kind: 'cancelled' };
    if (error instanceof WireError)
        return { kind: 'no-response', message: error.message };
    if (error instanceof CredentialsError)
        return { kind: 'credentials', why: error.message };
    if (error instanceof JournalError)
        return { kind: 'report-file', code: error.code };
    return {
        kind: 'defect',
        error: error instanceof Error ? `${error.name}: ${error.message}` : 'an unknown failure',
    };
}

// EXTERNAL MODULE: external "node:v8"
var external_node_v8_ = __webpack_require__(8877);
// EXTERNAL MODULE: external "node:vm"
var external_node_vm_ = __webpack_require__(714);
;// CONCATENATED MODULE: ./src/heap.ts


/** Milliseconds between two checks of the heap. */
const EVERY = 100;
/** Bytes that the heap may grow by, in addition to `GROWTH`. */
const GARBAGE = 8e6;
/** Factor by which the used memory may grow. */
const GROWTH = 1.4;
/** Bytes for new objects. If there are fewer, most objects of a request live long enough to be moved to the old space. */
const YOUNG = 8e6;
/**
 * Keeps the process small. Every request leaves garbage behind. On a machine with free memory, Node collects it late:
 * after thousands of requests, the heap has 250 MiB, and only 20 MiB are in use. So this limits the space for new objects
 * to `YOUNG`, and starts a collection when the heap has grown by `GROWTH` and `GARBAGE`. It takes a few per cent of the
 * run's CPU time. If the collector is not available, the run only needs more memory.
 *
 * @returns a function that stops it
 */
function keepSmall() {
    (0,external_node_v8_.setFlagsFromString)('--expose-gc');
    const collect = (0,external_node_vm_.runInNewContext)('globalThis.gc');
    if (typeof collect !== 'function')
        return () => { };
    let used = process.memoryUsage().heapUsed;
    let collecting = false;
    let growing = true;
    const check = async () => {
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
            // This collector cannot work asynchronously. `collecting` stays set, so it is not called again.
        }
    };
    void check();
    const timer = setInterval(() => void check(), EVERY);
    timer.unref();
    return () => clearInterval(timer);
}
/** @returns the size of the space for new objects, in bytes */
function young() {
    return (0,external_node_v8_.getHeapSpaceStatistics)().find((space) => space.space_name === 'new_space')?.space_size ?? YOUNG;
}

;// CONCATENATED MODULE: ./src/registry/secrets/echo/encoded.ts
const HEX = '0123456789abcdef';
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const encoded_BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/**
 * Encodes bytes inside a longer text, at each alignment. Keeps only the characters that do not depend on the text before
 * and after the bytes.
 *
 * @param alphabet of 16, 32 or 64 characters
 */
function coresOf(bytes, alphabet) {
    const width = Math.log2(alphabet.length);
    const cores = new Set();
    for (let before = 0; before < width; before++) {
        // Bits of the first character that belong to the text before the bytes.
        const into = (before * 8) % width;
        let core = '';
        for (let bit = (width - into) % width; bit + width <= bytes.length * 8; bit += width)
            core += alphabet.charAt(bitsAt(bytes, bit, width));
        cores.add(core);
    }
    return [...cores];
}
/** @returns up to eight bits as a number */
function bitsAt(bytes, bit, width) {
    const at = bit >> 3;
    const two = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    return (two >> (16 - width - (bit & 7))) & ((1 << width) - 1);
}
/** @returns a text in base64 inside another text, at each alignment, without `+` and `/`, which the alphabets differ in */
function base64Of(text) {
    return coresOf(Buffer.from(text, 'utf8'), encoded_BASE64).map((core) => core.replace(/[+/]/g, ''));
}
/** @returns a text in hex, in lower case */
function hexOf(text) {
    return coresOf(Buffer.from(text, 'utf8'), HEX).slice(0, 1);
}
/** @returns a text in base32 inside another text, at each alignment, in lower case */
function base32Of(text) {
    return coresOf(Buffer.from(text, 'utf8'), BASE32);
}
/** @returns the bytes of a text as lists of numbers, as Go prints them (`[104 117 110]`), without separators */
function numbersOf(text) {
    const bytes = [...Buffer.from(text, 'utf8')];
    const list = (base, width) => bytes.map((byte) => byte.toString(base).padStart(width, '0')).join('');
    return [list(10, 1), list(10, 3), list(8, 1), list(8, 3), list(2, 8)];
}

;// CONCATENATED MODULE: ./src/registry/secrets/echo/forms.ts
/** @returns the forms in which software repeats a text and which can be replaced inside other text */
function formsOf(secret) {
    const bytes = Buffer.from(secret, 'utf8');
    const base64 = bytes.toString('base64');
    // An environment variable can hold half of a surrogate pair, which a URL cannot.
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
        // In the path of a URL, only some characters are encoded.
        whole.replace(/[^\x21-\x7e]+|["<>`#?{}^]/g, (sign) => encodeURIComponent(sign)),
        inJson,
        // The JSON of Go and of PHP.
        inJson.replace(/[&<>]/g, inUnicode),
        inJson.replaceAll('/', '\\/'),
        inJson.replace(/[&<>'\x7f-\uffff]/g, inUnicode),
        inHtml.replaceAll('"', '&quot;'),
        // The HTML of Go, of Python and of PHP.
        inHtml.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
        inHtml.replaceAll('"', '&quot;').replaceAll("'", '&#x27;'),
        inHtml.replaceAll('"', '&quot;').replaceAll("'", '&#039;'),
    ];
}
function inUnicode(sign) {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

;// CONCATENATED MODULE: ./src/registry/secrets/echo/needles.ts
/** Characters of the prefix by which needles are indexed. Shorter needles are ignored. */
const GRAM = 4;
const SLOTS = 1 << 16;
/**
 * Searches a text for many others (needles) at once. An index of their first four characters makes the time depend on
 * the length of the text, and hardly on the number of needles.
 */
class Needles {
    #slots = new Uint8Array(SLOTS);
    #byGram = new Map();
    /** How often each needle was added. */
    #counts = new Map();
    get size() {
        return this.#counts.size;
    }
    /** Adds needles. Ignores those of fewer than four characters. */
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
    /** Removes needles. One that was added several times must be removed as often. */
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
    /** @returns whether the text contains a needle */
    isIn(text) {
        if (this.#counts.size === 0 || text.length < GRAM)
            return false;
        const slots = this.#slots;
        // Computes each pair once: the second pair at one position is the first pair two positions later.
        let last = text.charCodeAt(2);
        let first = pairOf(text.charCodeAt(0), text.charCodeAt(1));
        let middle = pairOf(text.charCodeAt(1), last);
        for (let at = 0; at + GRAM <= text.length; at++) {
            const next = text.charCodeAt(at + GRAM - 1);
            const second = pairOf(last, next);
            const slot = slotOf(first, second);
            first = middle;
            middle = second;
            last = next;
            if (slots[slot] === 0)
                continue;
            for (const needle of this.#byGram.get(text.slice(at, at + GRAM)) ?? [])
                if (text.startsWith(needle, at))
                    return true;
        }
        return false;
    }
}
function slotAt(text, at) {
    return slotOf(pairOf(text.charCodeAt(at), text.charCodeAt(at + 1)), pairOf(text.charCodeAt(at + 2), text.charCodeAt(at + 3)));
}
const pairOf = (one, other) => one * 31 + other;
const slotOf = (first, second) => (first * 961 + second) & (SLOTS - 1);

;// CONCATENATED MODULE: ./src/registry/secrets/echo/unescape.ts
/** Readings of one text, at most. A text with more readings is not searched. */
const MOST_READINGS = 128;
/** A text without any of these has no escapes. */
const MAY_BE_ESCAPED = /[\\&%=<\x80-\uffff]|_x|U\+|(['"$`{}])\1/i;
/** HTML's names of the characters from U+00A0 on. */
const LATIN = 'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro ' +
    'para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil ' +
    'Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave ' +
    'Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml ' +
    'igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute ' +
    'thorn yuml';
/** Characters and their names in HTML. */
const SIGNS = '& amp,< lt,> gt," quot,\' apos,! excl,# num,$ dollar,% percnt,( lpar,) rpar,* ast,* midast,+ plus,. period,/ sol,' +
    ': colon,; semi,= equals,? quest,@ commat,[ lsqb,[ lbrack,\\ bsol,] rsqb,] rbrack,^ hat,_ lowbar,_ underbar,` grave,' +
    '` diacriticalgrave,{ lcub,{ lbrace,| verbar,| vert,| verticalline,} rcub,} rbrace,~ tilde,- hyphen,- dash,\t tab,' +
    '\n newline,\u20ac euro,\u2212 minus';
const unescape_NAMED = new Map([
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
/** Accepts half of a surrogate pair: the other half may follow. */
function character(code, escape) {
    return code > 0x10ffff ? escape : code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code);
}
const hex = (digits, escape) => character(Number.parseInt(digits, 16), escape);
const BACKSLASH = /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x\{?([0-9a-fA-F]{2})\}?|([0-7]{1,3})|(\r?\n)|([^]))/g;
/** JSON, JavaScript, C, Go, Python, shells: `\u0026`, `\u{26}`, `\U00000026`, `\x26`, `\46`, `\n`, `\/`. */
function backslashes(text) {
    if (!text.includes('\\'))
        return text;
    return text.replace(BACKSLASH, (escape, ...groups) => {
        const [braced, four, eight, two, octal, fold, one] = groups;
        const digits = braced ?? four ?? eight ?? two;
        if (digits !== undefined)
            return hex(digits, escape);
        if (octal !== undefined)
            return character(Number.parseInt(octal, 8), escape);
        return fold !== undefined ? '' : (CONTROL[one ?? ''] ?? one ?? escape);
    });
}
/** LDAP and CSS: `\26`, `\000026`. */
function hexBackslashes(text) {
    if (!text.includes('\\'))
        return text;
    return text.replace(/\\(?:0000)?([0-9a-f]{2})/gi, (escape, digits) => hex(digits, escape));
}
/** HTML and XML: `&#39;`, `&#x27;`, `&apos;`, even with leading zeros or without the semicolon. */
function entities(text) {
    if (!text.includes('&'))
        return text;
    return text.replace(/&(?:#x0*([0-9a-f]{1,6})|#0*([0-9]{1,7})|([a-z][a-z0-9]{1,31}));?/gi, (escape, digits, decimal, name) => {
        if (digits !== undefined)
            return hex(digits, escape);
        if (decimal !== undefined)
            return character(Number.parseInt(decimal, 10), escape);
        return unescape_NAMED.get(name ?? '') ?? unescape_NAMED.get((name ?? '').toLowerCase()) ?? escape;
    });
}
/** URLs: `%26`, and `%u0026` of JavaScript's `escape`. */
function percents(text) {
    if (!text.includes('%'))
        return text;
    return text.replace(/%(?:u([0-9a-f]{4})|([0-9a-f]{2}))/gi, (escape, four, two) => hex(four ?? two ?? '', escape));
}
/** Mail: `=26`, and `=` at the end of a line that continues. */
function quotedPrintable(text) {
    if (!text.includes('='))
        return text;
    return text.replace(/=(?:\r?\n|([0-9a-f]{2}))/gi, (escape, two) => two === undefined ? '' : hex(two, escape));
}
/** XML names (`_x0026_`) and Unicode's notation (`U+0026`). */
function codePoints(text) {
    return text.replace(/_x([0-9a-f]{4})_|U\+([0-9a-f]{4,6})/gi, (escape, name, plus) => hex(name ?? plus ?? '', escape));
}
/** Characters that are doubled because a single one has a special meaning: `''`, `""`, `%%`, `{{`. */
function doubled(text) {
    return text.replace(/(['"%$`{}])\1/g, '$1');
}
/** HTML tags in the middle of a word. */
function tags(text) {
    return text.includes('<') ? text.replace(/<[^<>]{1,200}>/g, '') : text;
}
/** UTF-8 that was decoded or unescaped byte by byte. */
function bytewise(text) {
    return text.replace(/[\x80-\xff]{2,}/g, (run) => {
        const read = Buffer.from(run, 'latin1').toString('utf8');
        return read.includes('\ufffd') ? run : read;
    });
}
/** Forms of Unicode that look the same, such as `ö` as one character or as two. */
function composed(text) {
    return /[^\0-\x7f]/.test(text) ? text.normalize('NFKC') : text;
}
const WAYS = [
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
 * Undoes all kinds of escapes, repeatedly and in every order, because undoing one kind may destroy another.
 *
 * @returns the text itself and all its readings, or undefined if there are more than `most`
 */
function readingsOf(text, most = MOST_READINGS) {
    if (!MAY_BE_ESCAPED.test(text))
        return [text];
    const readings = new Set([text]);
    for (const reading of readings)
        for (const unescape of WAYS) {
            readings.add(unescape(reading));
            if (readings.size > most)
                return undefined;
        }
    return [...readings];
}

;// CONCATENATED MODULE: ./src/registry/secrets/echo/echo.ts




/** Characters. A shorter trace may occur in any text by chance. */
const SHORTEST = 4;
/** Characters of a trace that consists of letters and digits only. */
const SHORTEST_SKELETON = 6;
/** Characters. A shorter trace may occur in a line of this action by chance, and must not hide the line. */
const SHORTEST_IN_LINE = 8;
const SHORTEST_HEX_IN_LINE = 16;
const SHORTEST_BASE32_IN_LINE = 11;
/** Characters. No response repeats a longer secret in another form. */
const LONGEST_IN_ALL_FORMS = 4096;
/** Readings of a line, at most. */
const MOST_READINGS_OF_LINE = 32;
/** Readings of a secret, at most. A secret may contain characters that look like an escape. */
const MOST_READINGS_OF_SECRET = 16;
/** Digests with their algorithm. A hostile registry could send part of a digest as a secret. */
const DIGESTS = /sha(?:256|512):[0-9a-f]{12,}/g;
/**
 * Finds secrets in texts, in any form that a reader could decode. Compares normal forms: texts without escapes (even
 * nested ones), white space and invisible characters. Also finds secrets in hex, base32 and both alphabets of base64, at
 * each alignment, with any separators between the characters.
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
    /** @returns whether the text holds a secret, or has too many readings to exclude it */
    isIn(text, most) {
        if (this.#plain.size + this.#folded.size === 0)
            return false;
        const readings = readingsOf(text, most);
        // A line break may have split an escape.
        const joined = readingsOf(text.replace(/\s+/g, ''), most);
        if (readings === undefined || joined === undefined)
            return true;
        if (readings.some((reading) => this.#isPlainly(reading)))
            return true;
        // Most readings differ only in their white space.
        const apart = new Set([...readings, ...(joined.length > 1 ? joined : [])].map(compacted));
        return [...apart].some((compact) => this.#isApart(compact));
    }
    /** Like `isIn`, for a line of this action. Ignores digests. */
    isInLine(line) {
        return this.isIn(line.replace(DIGESTS, ' '), MOST_READINGS_OF_LINE);
    }
    #isPlainly(text) {
        return this.#plain.isIn(text) || (/\s/.test(text) && this.#plain.isIn(collapse(text)));
    }
    /** Ignores separators between the characters of a secret. */
    #isApart(compact) {
        if (this.#compact.isIn(compact))
            return true;
        const skeleton = skeletonOf(compact);
        if (this.#skeletons.isIn(skeleton))
            return true;
        const numbers = /0x/i.test(compact) ? skeletonOf(compact.replace(/0x/gi, ' ')) : skeleton;
        return this.#folded.isIn(numbers.toLowerCase());
    }
}
/** @returns the traces of a secret in the body of a response. A false match only hides the text of the body */
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
 * @param isOurs returns whether a line of this action may contain the text. Such a text is not used as a trace
 * @returns the traces of a secret in a line of this action
 */
function tracesInLine(secret, isOurs) {
    if (secret.length > LONGEST_IN_ALL_FORMS)
        return tracesOfLong(secret);
    const ofSome = (least, texts) => longer(least, texts).filter((text) => !isOurs(text));
    const readings = readingsOf(secret, MOST_READINGS_OF_SECRET) ?? [secret];
    const forms = [secret, Buffer.from(secret, 'utf8').toString('base64')];
    return {
        plain: [secret, ...ofSome(SHORTEST_IN_LINE, [...readings, collapse(secret)])],
        // Two words of a sentence could together form a short trace.
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
/** Replaces white space by single blanks. */
function collapse(text) {
    return text.replace(/\s+/g, ' ').trim();
}
const echo_UNSEEN = /[\s\p{C}\u034f\u115f\u1160\u17b4\u17b5\u3164\ufe00-\ufe0f\uffa0\ufffd+]+/gu;
/** Removes white space, `+` (a blank in URLs) and invisible characters. */
function compacted(text) {
    return /[^\0-\x7e]/.test(text) ? text.replace(echo_UNSEEN, '') : text.replace(/[\0-\x20+]+/g, '');
}
/** Keeps only ASCII letters and digits, which every form keeps. */
function skeletonOf(text) {
    return text.replace(/[^A-Za-z0-9]+/g, '');
}

;// CONCATENATED MODULE: ./src/registry/secrets/secrets.ts



/** Characters. A shorter secret would hide every digest that contains it by chance. */
const secrets_SHORTEST = 4;
const SHORTEST_OF_WIRE = 8;
const SHORTEST_UNLIKE_A_WORD = 20;
/** Digests and media types, which every log shows. */
const OURS = /^(?:sha(?:256|512):|application\/)/;
const SHORTEST_MASKED_OF_WIRE = 20;
/** Secrets from the network that are kept, at most. */
const MOST_OF_WIRE = 300;
/** Characters. No response repeats a longer secret in another form. */
const secrets_LONGEST_IN_ALL_FORMS = 4096;
/** A digest without its algorithm, or part of one. */
const secrets_HEX = /^[0-9a-f]{1,128}$/;
/** Characters. A shorter line of a key is only its frame, or harmless. */
const SHORTEST_LINE = 16;
/**
 * Parts of signed links that are kept, at most: a storage signs a different link for each blob. More are not necessary,
 * since no message shows the query of a URL.
 */
const MOST_LINKS = 200;
const SHORTEST_LINK_PART = 12;
/** Texts without secrets that are remembered, at most. The report is written once a second with mostly the same texts. */
const MOST_CLEAN = 4096;
const LONGEST_CLEAN = 500;
/** Replaces a whole text that holds a secret in a form that cannot be removed. */
const HIDDEN = '(a text that holds a credential is not shown)';
const secrets_NONE = () => false;
/**
 * The secrets of a run: passwords, tokens, keys, signatures of links. It makes the runner mask each secret as soon as it
 * is known, and removes secrets from every text that the run writes.
 */
class Secrets {
    /** Removes secrets from quotes of a response. Use it before a text is cut or folded. */
    quoting = { body: (text) => this.#body(text), word: (text) => this.#word(text) };
    #forms = new Set();
    #mask;
    #digests = new Set();
    #words = [];
    /** A function for each secret from the network, oldest first, that removes the secret. */
    #wire = [];
    #ordered = [];
    #links = 0;
    /** Secrets so short that they may occur in any text by chance. */
    #short = [];
    #exact = new Needles();
    #inBodies = new Echo();
    #inLines = new Echo();
    #anyCase = new Needles();
    #clean = new Set();
    /** @param mask makes the runner mask a text in the log */
    constructor(mask = () => undefined) {
        this.#mask = mask;
    }
    /** Adds a secret from the user, in every form in which a response may repeat it. */
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
        this.#trace(secret, tracesInBody(secret), tracesInLine(secret, secrets_NONE));
    }
    /**
     * Adds a secret from the network, such as a token. A hostile registry could send a word of this action's messages or a
     * digest as a token, to hide it everywhere. So a text that looks like a word or a digest is not added. The runner, which
     * masks parts of words too, masks only long secrets. Only the latest secrets are kept.
     *
     * @param shortestMasked characters; the runner masks no shorter secret
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
    /** Protects texts of the user, such as names of tags: a secret from the network must not hide them. */
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
        // The longest first: a short form may be part of a longer one, which would then not be removed whole.
        this.#ordered = [...this.#forms].sort((one, other) => other.length - one.length);
        this.#clean.clear();
    }
    /** @returns a function that removes the traces again */
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
    /** Adds secrets of the user. Keys may be in PEM form. */
    addAll(secrets) {
        for (const secret of secrets)
            if (secret.includes('-----BEGIN'))
                this.addPem(secret);
            else
                this.add(secret);
    }
    /** Adds a key in PEM form, line by line, even if its line breaks were replaced by blanks or `\\n`. */
    addPem(pem) {
        for (const line of pem.split(/(?:-----[^-]*-----|\\[rn]|\s)+/))
            if (line.length >= SHORTEST_LINE)
                this.add(line);
    }
    /**
     * Adds the possible signatures of a link: its query, and each long value in the query.
     *
     * @param requested the URL that was requested. Parts of it, such as a digest, are not secret
     */
    addLink(link, requested) {
        const query = link.search.slice(1);
        if (query === '')
            return;
        for (const value of [query, ...link.searchParams.values()]) {
            const long = value.length >= SHORTEST_LINK_PART && !requested.href.includes(value);
            if (!long || this.#forms.has(value) || this.#links >= MOST_LINKS)
                continue;
            this.#links++;
            this.addFromWire(value, SHORTEST_LINK_PART);
        }
    }
    /**
     * @returns the text without secrets. Also removes the beginning of a secret before an …, which marks a cut. If the text
     *   holds a secret in a form that cannot be removed, returns a sentence instead that says so
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
        // After its algorithm, such a text is a digest and is shown.
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
        const lower = text.toLowerCase();
        const holds = this.#short.some((secret) => lower.includes(secret.toLowerCase())) ||
            this.#anyCase.isIn(lower) ||
            this.#inBodies.isIn(text) ||
            this.#withoutForms(text) !== text;
        return holds ? undefined : text;
    }
}
/** @returns the text without the beginning of a secret at its end */
function withoutBeginning(text, secret) {
    for (let length = Math.min(secret.length - 1, text.length); length >= secrets_SHORTEST; length--)
        if (text.endsWith(secret.slice(0, length)))
            return `${text.slice(0, -length)}***`;
    return text;
}
/** @returns whether a message of this action may contain the text */
function isWord(text) {
    const mixed = /[0-9]/.test(text) && /[A-Za-z]/.test(text);
    return /\s/.test(text) || OURS.test(text) || (text.length < SHORTEST_UNLIKE_A_WORD && !mixed);
}

;// CONCATENATED MODULE: ./src/report/journal/file.ts





/** How often a run tries to take a path that another one takes at the same time. */
const file_TRIES = 10;
/** File systems without hard links answer so. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);
/** A file that is replaced as a whole at each write, and never takes the place of somebody else's file. */
class ReportFile {
    #stamp;
    #path;
    /** Which file is ours. Another run with the same path renames it away, and then its file must not be replaced. */
    #inode;
    /**
     * @param path where the file goes; a file that is there already is renamed at the first write
     * @param stamp is put into the names of files that give way
     */
    constructor(path, stamp) {
        this.#path = (0,external_node_path_.resolve)(path);
        this.#stamp = stamp;
    }
    /** Absolute path of the file. */
    get path() {
        return this.#path;
    }
    /** Whether the file was written at least once. */
    get exists() {
        return this.#inode !== undefined;
    }
    /** Replaces the file. @throws JournalError */
    write(text) {
        const draft = `${this.#path}.${(0,external_node_crypto_.randomUUID)()}.tmp`;
        try {
            makeFolder((0,external_node_path_.dirname)(this.#path));
            const inode = writeDraft(draft, text);
            if (this.#inode !== undefined && inodeOf(this.#path) === this.#inode)
                (0,external_node_fs_.renameSync)(draft, this.#path);
            else
                this.#claim(draft);
            this.#inode = inode;
        }
        catch (error) {
            // A full disk of all places must not keep a draft.
            removeDraft(draft);
            throw new JournalError(codeOf(error), { cause: error });
        }
    }
    /** Takes the path without ever overwriting: a file there is renamed first, and a link fails if one is there. */
    #claim(draft) {
        if (this.#inode !== undefined)
            this.#path = this.#beside();
        for (let tries = 0; tries < file_TRIES; tries++) {
            const present = (0,external_node_fs_.lstatSync)(this.#path, { throwIfNoEntry: false });
            // Only a file gives way: a folder or a device at this path is a mistake, and stays as it is.
            if (present?.isFile() === true || present?.isSymbolicLink() === true)
                (0,external_node_fs_.renameSync)(this.#path, this.#beside());
            if (file_place(draft, this.#path))
                return;
        }
        throw Object.assign(new Error('the path is taken'), { code: 'EEXIST' });
    }
    /** A free name beside the path: its own name and the stamp. */
    #beside() {
        const extension = (0,external_node_path_.extname)(this.#path);
        const stem = (0,external_node_path_.join)((0,external_node_path_.dirname)(this.#path), `${(0,external_node_path_.basename)(this.#path, extension)}-${this.#stamp}`);
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
        // What matters is why the report could not be written.
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
/** Moves a file to a path if there is nothing. @returns false if there is something */
function file_place(draft, path) {
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

;// CONCATENATED MODULE: ./src/report/log/outcomes.ts
/** How the log words an outcome: of one item, and behind a number of items. */
const outcomes_WORDS = {
    deleted: { one: 'deleted', many: 'deleted' },
    'already-gone': { one: 'gone already', many: 'gone already' },
    'with-manifest': { one: 'to be deleted with its manifest', many: 'to be deleted with the manifest' },
    kept: { one: 'kept', many: 'left' },
    failed: { one: 'NOT deleted', many: 'NOT deleted' },
    unknown: { one: 'outcome unknown', many: 'unknown' },
};
/** Words the outcome of one item. */
function sayOutcome(outcome) {
    return outcomes_WORDS[outcome].one;
}
/** Sums up the outcomes of a step. @param counts how many items have each outcome */
function sayCounts(counts) {
    const parts = [...counts].map(([outcome, number]) => `${number} ${outcomes_WORDS[outcome].many}`);
    return parts.length === 0 ? 'nothing was done' : parts.join(', ');
}

;// CONCATENATED MODULE: ./src/report/report.ts
/** @returns a report before anything happened: cut off now, the run would have refused */
function emptyReport({ started, shown, reason, run }) {
    return {
        schema: 1,
        result: 'refused',
        registry: shown['registry'] ?? null,
        fingerprint: null,
        startedAt: time(started),
        endedAt: null,
        reason: reason ?? null,
        run,
        inputs: shown,
        repositories: [],
        requests: {},
        problems: [],
        warnings: [],
    };
}
/** Whether the run deletes labels only, as `scope: tag` asks: no content is deleted. */
function isLabelsOnly({ inputs }) {
    return inputs['scope'] === 'tag';
}
/** @returns a time in the form of RFC 3339. */
function time(ms) {
    return new Date(ms).toISOString();
}

;// CONCATENATED MODULE: ./src/report/log/table.ts


const HEAD = ['repository', 'tag', 'age', 'size', 'verdict', 'because'];
/** How many of the tags that stay are shown, so that the list can be read to its end. Those that go are all shown. */
const MOST_STAYING = 500;
/** @returns a row for each matching tag, those that go first */
function planRows(plan, selection) {
    const { repository, tags, scope } = plan;
    const selected = ({ tag, digest, belongsTo, onlyLabel }) => {
        const [verdict, because] = belongsTo !== undefined
            ? ['goes', `belongs to ${belongsTo}`]
            : onlyLabel === undefined
                ? ['goes', `its image goes: ${digest ?? ''}`]
                : ['label only', sayReason(onlyLabel)];
        return [
            repository,
            tag,
            ...table_described(digest, selection),
            scope === 'tag' ? 'label only' : (verdict ?? ''),
            because ?? '',
        ];
    };
    return [...tags.map(selected), ...idleRows(repository, selection)];
}
/** @returns a row for each matching tag that stays */
function idleRows(repository, selection) {
    return selection.unselected.map(({ tag, digest, because }) => [
        repository,
        tag,
        ...table_described(digest, selection),
        'stays',
        sayReason(because),
    ]);
}
function table_described(digest, { asOf, created, sizes }) {
    const at = digest === undefined ? undefined : created.get(digest);
    const size = digest === undefined ? undefined : sizes.get(digest);
    return [at === undefined ? '–' : span(asOf - at), size === undefined ? '–' : bytes(size)];
}
/** @returns the table as lines of text in columns, cut with a count if too many tags stay */
function columns(rows) {
    const going = rows.filter(([, , , , verdict]) => verdict !== 'stays');
    const staying = rows.slice(going.length);
    const shown = [HEAD, ...going, ...staying.slice(0, MOST_STAYING)];
    const widths = HEAD.map((_, at) => shown.reduce((most, row) => Math.max(most, (row[at] ?? '').length), 0));
    const lines = shown.map((row) => row
        .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
        .join('  ')
        .trimEnd());
    const more = staying.length - MOST_STAYING;
    return more > 0 ? [...lines, `… and ${more} more that match and stay: see the report`] : lines;
}

;// CONCATENATED MODULE: ./src/report/log/plan-lines.ts









/** Tags that a line names: of those that hold one digest, and of all that stay. */
const plan_lines_HOLDERS = 8;
const REMAINING = 20;
const PLACEHOLDER = 'a placeholder, since this registry cannot delete a tag by name';
/**
 * Prints a repository's plan.
 *
 * @param fingerprint of the whole plan
 * @returns a line for every digest, and the blocks that a later run takes as they are
 */
function planLines(plan, fingerprint) {
    const { selection, remaining, warnings } = plan;
    const names = remaining.map(({ tag }) => tag);
    return [
        ...(selection === undefined ? tagLines(plan) : columns(planRows(plan, selection))),
        ...labelLines(plan),
        ...contentLines(plan),
        `${count(names.length, 'tag')} ${plural(names.length, 'stays', 'stay')}: ${some(names, REMAINING)}`,
        ...warnings.map((warning) => `warning: ${say(warning).text}`),
        ...(selection === undefined
            ? []
            : [`age counts from ${time(selection.asOf)}: an approved run takes it as \`as-of\``]),
        `fingerprint ${fingerprint}`,
        ...readyBlocks(plan),
    ];
}
/** @returns the line that sums up a repository's plan */
function planSummary(plan) {
    const { scope, tags, manifests, blobs, kept, remaining, refusals } = plan;
    if (refusals.length > 0)
        return `refused (${count(refusals.length, 'reason')})`;
    const stay = `${count(remaining.length, 'tag')} must still pull afterwards`;
    if (scope === 'tag')
        return `${count(tags.length, 'label')} and nothing else ${plural(tags.length, 'goes', 'go')}, ${stay}`;
    const labels = tags.filter(({ onlyLabel }) => onlyLabel !== undefined).length;
    const ofLabels = labels === 0 ? '' : ` (${labels} of them as ${plural(labels, 'a label', 'labels')} only)`;
    return `${count(tags.length, 'tag')}${ofLabels}, ${count(manifests.length, 'manifest')} and ${count(blobs.length, 'blob')} go, ${kept.length} of the image's digests stay, ${stay}`;
}
/** @returns a line for each tag that matches in a repository in which nothing is selected */
function idleLines(repository, selection) {
    const rows = idleRows(repository, selection);
    return rows.length === 0 ? [] : columns(rows);
}
/** @returns the line that sums up a repository in which nothing is selected */
function idleSummary({ unselected: { length } }) {
    const matching = `${count(length, 'matching tag')} ${plural(length, 'stays', 'stay')}`;
    return `nothing to do: ${length === 0 ? 'no tag matches' : matching}`;
}
function tagLines({ tags, scope }) {
    return tags.map(({ tag, digest, belongsTo, onlyLabel }) => {
        const at = digest === undefined ? ': it no longer resolves' : ` (${digest})`;
        const why = belongsTo === undefined ? '' : `, since it belongs to ${belongsTo}`;
        const label = onlyLabel === undefined || scope === 'tag' ? '' : ` as a label only, since ${sayReason(onlyLabel)}`;
        return `tag ${tag} goes${at}${why}${label}`;
    });
}
/** What stays although its label goes, and how the label is removed. */
function labelLines({ tags, way }) {
    const left = new Set(labelsOf(tags).map(({ digest }) => digest));
    return [
        ...[...left].map((digest) => `manifest ${digest} stays, with all it needs: only labels go`),
        ...(left.size > 0 && way !== undefined
            ? [`the labels go by ${dialectOf(way)?.title ?? PLACEHOLDER}`]
            : []),
    ];
}
function contentLines({ manifests, blobs, kept }) {
    return [
        ...manifests.map(({ digest, mediaType, size, gone }) => `manifest ${digest} goes (${plainLine(mediaType) || 'type unknown'}, ${sayBytes(size)}${gone ? ', gone already' : ''})`),
        ...blobs.map(({ digest, size, foreign }) => `blob ${digest} goes (${sayBytes(size)}${foreign ? ', its manifest names other places that have it' : ''})`),
        ...kept.map(({ digest, kind, heldBy }) => `${kind} ${digest} stays and will be STILL SERVED, since it is needed by ${some(heldBy, plan_lines_HOLDERS)}`),
    ];
}
/** @param size undefined if neither the manifest nor a descriptor states it */
function sayBytes(size) {
    return size === undefined ? 'size unknown' : bytes(size);
}
/** Lines with which a later run goes on, if the log is the only record that survives. */
function readyBlocks(plan) {
    // Lines that name too little are refused again. Annotations are cut, so the log has the others whole.
    if (plan.refusals.some(isSolvable)) {
        const together = togetherAmong(plan.refusals);
        return together === undefined ? [] : [sayTogether(together).join('\n')];
    }
    const { repository, tags, manifests, blobs } = plan;
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

;// CONCATENATED MODULE: ./src/report/log/narrator.ts




/** Tells the log what a run does: one group for each step, and after each, outside it, one line that sums it up. */
class Narrator {
    #log;
    #several;
    /** Title of the step that goes on. */
    #open;
    /** Whether its group has ended, because a line had to be seen. */
    #ended = false;
    /** @param several whether each title names its repository */
    constructor(log, several = false) {
        this.#log = log;
        this.#several = several;
    }
    /** With more than one repository each title names its own. */
    expect(repositories) {
        this.#several = repositories > 1;
    }
    /** Says how far a long step has come. Ends the group, since nobody sees a line in a group that is closed. */
    progress(line) {
        const title = this.#open;
        this.#endGroup();
        this.#log.info(title === undefined ? line : `${title}: ${line}`);
    }
    begin(repository, step) {
        this.close();
        this.#open = this.#several ? `${step} (${repository})` : step;
        this.#ended = false;
        this.#log.begin(this.#open);
    }
    note(text) {
        this.#log.info(text);
    }
    done({ item, outcome, via, detail }) {
        const more = [
            ...(via === undefined || via === dialects_STANDARD.name ? [] : [`by ${via}`]),
            ...(detail === undefined ? [] : [sayDetail(detail)]),
        ];
        const brackets = more.length > 0 ? ` (${more.join('; ')})` : '';
        this.note(`${item.kind} ${item.name}: ${sayOutcome(outcome)}${brackets}`);
    }
    release({ tags, manifests, blobs }) {
        for (const { tag, belongsTo } of tags)
            this.note(`tag ${tag} belongs to ${belongsTo ?? 'the image'}, which is deleted now, so it is deleted as well`);
        for (const { digest } of [...manifests, ...blobs])
            this.note(`${digest} is no longer needed by any tag, so it is deleted as well`);
    }
    /** Ends the group of a step, and sums the step up in one line. */
    end(_repository, step, summary) {
        const title = this.#open ?? step;
        this.#endGroup();
        this.#open = undefined;
        this.#log.info(`${title}: ${summary}`);
    }
    /** Ends a group that an error left open, so that the next lines are seen. */
    close() {
        if (this.#open === undefined)
            return;
        this.#endGroup();
        this.#log.info(`${this.#open}: not finished, for the reason below`);
        this.#open = undefined;
    }
    /** Prints what is planned for one repository, or which tags stay if nothing is selected in it. */
    part(part, fingerprint) {
        if (!('is' in part))
            this.#plan(part.repository, planLines(part, fingerprint), planSummary(part));
        else if (part.is === 'idle') {
            const { repository, selection } = part;
            this.#plan(repository, idleLines(repository, selection), idleSummary(selection));
        }
    }
    #plan(repository, lines, summary) {
        this.begin(repository, 'Plan');
        for (const line of lines)
            this.note(line);
        this.end(repository, 'Plan', summary);
    }
    #endGroup() {
        if (this.#open !== undefined && !this.#ended)
            this.#log.end();
        this.#ended = true;
    }
}

;// CONCATENATED MODULE: ./src/report/log/turns.ts
/**
 * Prints the logs of work that goes on in parallel one after the other, in the order in which the work began: groups do
 * not nest.
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

;// CONCATENATED MODULE: ./src/report/journal/entries.ts




/** @returns the entry of a tag to which nothing has been done */
function tagEntry({ tag, digest, onlyLabel }, selection) {
    const reason = selection === undefined || onlyLabel === undefined ? null : `only the label goes: ${sayReason(onlyLabel)}`;
    return {
        tag,
        digest: digest ?? null,
        outcome: 'planned',
        via: null,
        onlyLabel: onlyLabel !== undefined,
        reason,
        ...(selection !== undefined && describeTag(digest, selection)),
    };
}
function describeTag(digest, selection) {
    const created = digest === undefined ? undefined : selection.created.get(digest);
    const size = digest === undefined ? undefined : selection.sizes.get(digest);
    return { created: created === undefined ? null : time(created), size: size ?? null };
}
/** The tags that match and stay. */
function unselectedEntries(selection) {
    return selection.unselected.map(({ tag, digest, because }) => ({
        tag,
        digest: digest ?? null,
        outcome: 'kept',
        via: null,
        onlyLabel: false,
        reason: sayReason(because),
        ...describeTag(digest, selection),
    }));
}
/** @returns the entry of a manifest or blob to which nothing has been done */
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
    return remaining.map(({ tag, digest, verdict, flaw }) => ({
        tag,
        digest: digest ?? null,
        verdict,
        detail: flaw === undefined ? null : sayFlaw(flaw),
    }));
}
/** @returns the entry of a repository before anything is done in it */
function entryOf(part) {
    const entry = emptyEntry(part.repository);
    if (!('is' in part))
        return { ...entry, ...ofPlan(part) };
    if (part.is === 'idle')
        return { ...entry, result: 'nothing-to-do', tags: unselectedEntries(part.selection) };
    return { ...entry, result: 'refused', problems: [reported(part.problem)] };
}
function ofPlan(plan) {
    const { selection } = plan;
    return {
        result: plan.refusals.length > 0 ? 'refused' : 'incomplete',
        problems: plan.refusals.map(reported),
        warnings: plan.warnings.map((warning) => say(warning).text),
        tags: [
            ...plan.tags.map((each) => tagEntry(each, selection)),
            ...(selection === undefined ? [] : unselectedEntries(selection)),
        ],
        manifests: plan.manifests.map(contentEntry),
        blobs: plan.blobs.map(contentEntry),
        kept: plan.kept.map(({ digest, heldBy }) => ({ digest, heldBy })),
    };
}
/** @returns a problem as the file has it */
function reported(problem) {
    const { text, items } = say(problem);
    return { kind: problem.kind, text, items: [...items] };
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

;// CONCATENATED MODULE: ./src/report/journal/marks.ts
/**
 * Tells which entries of one repository are to be marked as `unknown` before a step sends anything for them, and which
 * marks to take back because nothing was sent. It changes nothing itself.
 */
class Marks {
    /** What the step may send that is not marked yet, with the note for a tag that a placeholder may take. */
    #pending = new Map();
    #marked = new Map();
    /** @param placeholder says what the tag may point to */
    intend(entry, placeholder) {
        this.#pending.set(entry, placeholder);
    }
    /** Marks all that is intended. */
    apply() {
        const changes = [...this.#pending].flatMap(([entry, placeholder]) => this.#mark(entry, placeholder));
        this.#pending.clear();
        return changes;
    }
    /** Marks one entry for which a request is sent now. */
    send(entry) {
        const changes = this.#mark(entry);
        const before = this.#marked.get(entry);
        if (before !== undefined)
            before.sent = true;
        return changes;
    }
    /** Takes the note of a mark off an entry whose outcome became known. */
    settle(entry) {
        const before = this.#marked.get(entry);
        if (before === undefined)
            return [];
        this.#marked.delete(entry);
        return [{ entry, ...noteOf(before) }];
    }
    /** Ends a step. @param all also what was sent: the request did not leave after all */
    withdraw(all = false) {
        const changes = [...this.#marked.values()].flatMap(({ sent, ...before }) => all || !sent ? [before] : []);
        this.#marked.clear();
        this.#pending.clear();
        return changes;
    }
    /**
     * What was deleted stays so when it is deleted again. A tag that a placeholder takes once more does not: until the
     * placeholder is deleted, the tag is there.
     */
    #mark(entry, placeholder) {
        const { outcome } = entry;
        if (outcome === 'deleted' && placeholder === undefined)
            return [];
        if (!this.#marked.has(entry)) {
            const note = 'tag' in entry ? noteOf(entry) : {};
            this.#marked.set(entry, { entry, outcome, ...note, sent: false });
        }
        const isNoted = 'tag' in entry && placeholder !== undefined;
        return [{ entry, outcome: 'unknown', ...(isNoted && { via: 'placeholder', reason: placeholder }) }];
    }
}
function noteOf({ via, reason }) {
    return { ...(via !== undefined && { via }), ...(reason !== undefined && { reason }) };
}

;// CONCATENATED MODULE: ./src/report/journal/journal-entry.ts





/** The journal's part for one repository: changes its entry in the report. */
class JournalEntry {
    #entry;
    #marks = new Marks();
    #warnings;
    #told = [];
    #ofSearch = [];
    #index;
    constructor(entry) {
        this.#entry = entry;
        this.#warnings = [...entry.warnings];
    }
    get name() {
        return this.#entry.name;
    }
    get result() {
        return this.#entry.result;
    }
    /** @returns whether the result is another one now */
    end(result) {
        const changed = this.#entry.result !== result;
        this.#entry.result = result;
        return changed;
    }
    problem(problem) {
        this.#entry.problems.push(reported(problem));
    }
    warn(problem) {
        this.#told.push(say(problem).text);
        this.#tellWarnings();
    }
    /** Replaces what an earlier search of other repositories found. */
    exposed(found, warnings) {
        this.#entry.exposed = found.map(({ heldBy, ...content }) => ({ ...content, heldBy: [...heldBy] }));
        this.#ofSearch = warnings.map((warning) => say(warning).text);
        this.#tellWarnings();
    }
    intend(intents) {
        for (const { item, placeholder } of intents) {
            const entry = this.#find(item);
            if (entry !== undefined)
                this.#marks.intend(entry, placeholder === undefined ? undefined : sayTrace(placeholder));
        }
    }
    /** Marks what is intended, and the item for which a request is sent now. @returns whether anything changed */
    mark(item) {
        const entry = item === undefined ? undefined : this.#find(item);
        const intended = this.#apply(this.#marks.apply());
        const sent = entry !== undefined && this.#apply(this.#marks.send(entry));
        return intended || sent;
    }
    /** Takes marks back. @param all also those of requests that were to be sent */
    withdraw(all = false) {
        this.#apply(this.#marks.withdraw(all));
    }
    done({ item, outcome, via, detail, at }) {
        const entry = this.#find(item);
        if (entry === undefined)
            return;
        this.#apply(this.#marks.settle(entry));
        entry.outcome = outcome;
        if ('tag' in entry) {
            entry.via = via ?? entry.via;
            entry.reason = detail === undefined ? entry.reason : sayDetail(detail);
        }
        else {
            if (outcome === 'deleted')
                entry.deletedAt ??= time(at);
            entry.detail = detail === undefined ? null : sayDetail(detail);
        }
    }
    release({ tags, manifests, blobs }) {
        const digests = new Set([...manifests, ...blobs].map(({ digest }) => digest));
        for (const each of tags)
            this.#entry.tags.push(tagEntry(each));
        for (const each of manifests)
            this.#entry.manifests.push(contentEntry(each));
        for (const each of blobs)
            this.#entry.blobs.push(contentEntry(each));
        this.#entry.kept = this.#entry.kept.filter(({ digest }) => !digests.has(digest));
        this.#index = undefined;
    }
    left(digest, heldBy) {
        this.#entry.kept.push({ digest, heldBy: [...heldBy] });
    }
    round(standings) {
        for (const { item, verdict, rounds, goneSince, goneUntil } of standings) {
            const entry = this.#find(item);
            if (entry === undefined || 'tag' in entry)
                continue;
            entry.verdict = verdict;
            entry.rounds = rounds;
            entry.goneSince = goneSince === undefined ? null : time(goneSince);
            entry.goneUntil = goneUntil === undefined ? null : time(goneUntil);
        }
    }
    remaining(tags) {
        this.#entry.remaining = remainingEntries(tags);
    }
    /** @returns whether anything is different now */
    #apply(changes) {
        let changed = false;
        for (const { entry, ...change } of changes) {
            const before = { ...entry };
            Object.assign(entry, change);
            changed ||= Object.entries(change).some(([name, value]) => before[name] !== value);
        }
        return changed;
    }
    #tellWarnings() {
        this.#entry.warnings = [...this.#warnings, ...this.#told, ...this.#ofSearch];
    }
    #find(item) {
        if (this.#index === undefined) {
            const { tags, manifests, blobs } = this.#entry;
            this.#index = new Map();
            for (const each of tags)
                this.#index.set(each.tag, each);
            for (const each of manifests)
                this.#index.set(each.digest, each);
            for (const each of blobs)
                this.#index.set(each.digest, each);
        }
        return this.#index.get(item.name);
    }
}

;// CONCATENATED MODULE: ./src/report/journal/redacted.ts
/**
 * @param redact takes credentials out of a text: a registry may echo a request
 * @returns a copy of a report whose texts hold no credentials. Digests, tags and the like cannot hold any
 */
function redacted(report, redact) {
    return {
        ...report,
        reason: report.reason === null ? null : redact(report.reason),
        inputs: Object.fromEntries(Object.entries(report.inputs).map(([name, value]) => [name, redact(value)])),
        repositories: report.repositories.map((entry) => redactedEntry(entry, redact)),
        problems: redactedProblems(report.problems, redact),
        warnings: report.warnings.map(redact),
    };
}
function redactedEntry(entry, redact) {
    const orNull = (text) => (text === null ? null : redact(text));
    const content = entry.manifests.concat(entry.blobs).map((each) => ({
        ...each,
        mediaType: redact(each.mediaType),
        detail: orNull(each.detail),
    }));
    return {
        ...entry,
        problems: redactedProblems(entry.problems, redact),
        warnings: entry.warnings.map(redact),
        tags: entry.tags.map((tag) => ({ ...tag, reason: orNull(tag.reason) })),
        manifests: content.slice(0, entry.manifests.length),
        blobs: content.slice(entry.manifests.length),
        remaining: entry.remaining.map((tag) => ({ ...tag, detail: orNull(tag.detail) })),
    };
}
function redactedProblems(problems, redact) {
    return problems.map(({ kind, text, items }) => ({ kind, text: redact(text), items: items.map(redact) }));
}

;// CONCATENATED MODULE: ./src/report/journal/saving.ts
/** Milliseconds between two writes, unless one is due at once. */
const BETWEEN = 1_000;
/** Writes a file that follows a value: at once if it must, else at most once a second. */
class Saving {
    #file;
    #clock;
    #render;
    #writtenAt = 0;
    /** Ends the wait for the next write. */
    #waiting;
    /** @param render makes the text of the file */
    constructor(file, clock, render) {
        this.#file = file;
        this.#clock = clock;
        this.#render = render;
    }
    get path() {
        return this.#file.path;
    }
    /** Writes the file now. @throws JournalError */
    now() {
        this.#waiting?.abort();
        this.#waiting = undefined;
        this.#file.write(this.#render());
        this.#writtenAt = this.#clock.now();
    }
    /** Writes the file now if it exists. @returns why that failed */
    tryNow() {
        if (!this.#file.exists)
            return undefined;
        try {
            this.now();
            return undefined;
        }
        catch (error) {
            this.#writtenAt = this.#clock.now();
            return error;
        }
    }
    /** Writes the file when a second has passed since the last write. A failure is left to a later write. */
    soon() {
        if (!this.#file.exists)
            return;
        const left = this.#writtenAt + BETWEEN - this.#clock.now();
        if (left <= 0)
            this.tryNow();
        else if (this.#waiting === undefined) {
            const waiting = new AbortController();
            this.#waiting = waiting;
            void this.#clock.sleep(left, waiting.signal).then(() => {
                if (!waiting.signal.aborted)
                    this.tryNow();
            });
        }
    }
}

;// CONCATENATED MODULE: ./src/report/journal/journal.ts












/**
 * The only writer of the report, with JournalEntry as its part for one repository. It also tells the log what happens.
 * The file is true at every moment, whatever ends the run.
 */
class ReportJournal {
    #report;
    #writing;
    #saving;
    #narrator;
    #turns;
    #entries = new Map();
    #several = false;
    #wrote = false;
    /** Why nothing may be sent: the file could not be written before the first request. */
    #refusal;
    #toldOfFailure = false;
    /** @param report what is known before the run */
    constructor(report, writing) {
        this.#report = structuredClone(report);
        this.#writing = writing;
        this.#saving = new Saving(writing.file, writing.clock, () => this.render());
        this.#narrator = new Narrator(writing.log);
        this.#turns = new Turns(writing.log);
    }
    get wrote() {
        return this.#wrote;
    }
    /** Absolute path of the file. */
    get path() {
        return this.#saving.path;
    }
    /** @returns the report as it is now, without credentials */
    copy() {
        return redacted(this.#report, this.#writing.redact);
    }
    /** @returns the text of the file */
    render() {
        return `${escaped(JSON.stringify(this.copy(), null, 2))}\n`;
    }
    save() {
        this.#saving.now();
    }
    /** Ends the report. @param run what the front end knows of the run */
    finish(run) {
        this.#report.run = { ...run };
        this.#report.endedAt = time(this.#writing.clock.now());
    }
    /** Says how far a long step has come. */
    progress(line) {
        this.#narrator.progress(line);
    }
    sent(purpose) {
        this.#report.requests[purpose] = (this.#report.requests[purpose] ?? 0) + 1;
    }
    expect(repositories) {
        this.#several = repositories > 1;
        this.#narrator.expect(repositories);
    }
    beside() {
        if (!this.#several)
            return { steps: this, done: () => undefined };
        const { log, done } = this.#turns.take();
        return { steps: new Narrator(log, true), done };
    }
    begin(repository, step) {
        this.#narrator.begin(repository, step);
    }
    note(text) {
        this.#narrator.note(text);
    }
    end(repository, step, summary) {
        this.withdraw(repository);
        this.#saving.tryNow();
        this.#narrator.end(repository, step, summary);
    }
    stageEnded(repository, step, counts) {
        this.end(repository, step, sayCounts(counts));
    }
    close() {
        this.#narrator.close();
    }
    planned(plan, parts) {
        this.#report.fingerprint = plan.fingerprint;
        const entries = parts.map((part) => structuredClone(entryOf(part)));
        this.#report.repositories = entries;
        this.#entries = new Map(entries.map((entry) => [entry.name, new JournalEntry(entry)]));
        for (const part of parts)
            this.#narrator.part(part, plan.fingerprint);
        for (const refusal of plan.refusals)
            this.problem(refusal);
        for (const warning of plan.warnings)
            this.#writing.log.notice(say(warning).text);
    }
    separable(plans, rules) {
        this.#report.matrix = structuredClone(matrixOf(plans, rules));
    }
    problem(problem, repository) {
        const entry = this.#entry(repository);
        if (entry === undefined)
            this.#report.problems.push(reported(problem));
        else
            entry.problem(problem);
    }
    warn(problem, repository) {
        const entry = this.#entry(repository);
        if (entry === undefined)
            this.#report.warnings.push(say(problem).text);
        else
            entry.warn(problem);
    }
    exposed(repository, found, warnings) {
        this.#entry(repository)?.exposed(found, warnings);
    }
    ended(result, repository) {
        if (repository !== undefined)
            this.#entry(repository)?.end(result);
        else
            this.#report.result = result;
        if (repository !== undefined || result !== 'cancelled')
            return;
        // A repository that a cancelled run did not finish, or never began, was neither refused nor found incomplete.
        for (const entry of this.#entries.values())
            if (entry.result !== 'purged' && entry.result !== 'nothing-to-do')
                entry.end('cancelled');
    }
    intend(repository, intents) {
        this.#entry(repository)?.intend(intents);
    }
    /** Writes the file before the first request of a step. Later ones of the step change nothing in it. */
    about(repository, item) {
        if (this.#refusal !== undefined)
            throw this.#refusal;
        const entry = this.#entry(repository);
        const before = { run: this.#report.result, own: entry?.result ?? 'incomplete' };
        const marked = entry?.mark(item) ?? false;
        const ended = entry?.end('incomplete') ?? false;
        this.#report.result = 'incomplete';
        const changed = marked || ended || before.run !== 'incomplete';
        const failure = changed ? this.#saving.tryNow() : undefined;
        if (failure === undefined || this.#wrote) {
            this.#wrote = true;
            if (failure !== undefined)
                this.#tellOnce(failure);
            return;
        }
        entry?.withdraw(true);
        entry?.end(before.own);
        this.#report.result = before.run;
        this.#refusal = failure;
        throw failure;
    }
    withdraw(repository) {
        this.#entry(repository)?.withdraw();
    }
    done(repository, done) {
        this.#entry(repository)?.done(done);
        this.#saving.soon();
        this.#narrator.done(done);
    }
    release(repository, released) {
        this.#entry(repository)?.release(released);
        this.#narrator.release(released);
    }
    left(repository, digest, heldBy) {
        this.#entry(repository)?.left(digest, heldBy);
    }
    round(repository, standings) {
        this.#entry(repository)?.round(standings);
        this.#saving.soon();
    }
    remaining(repository, tags) {
        this.#entry(repository)?.remaining(tags);
    }
    #entry(repository) {
        return repository === undefined ? undefined : this.#entries.get(repository);
    }
    #tellOnce(failure) {
        if (this.#toldOfFailure)
            return;
        this.#toldOfFailure = true;
        this.note(`report-file: the report could not be written to ${this.path} (${codeOf(failure)}). The run goes on; if it is killed, the file does not say what was done since`);
    }
}

;// CONCATENATED MODULE: ./src/report/log/progress.ts
/** Milliseconds that work goes on before a line says how far it has come. */
const QUIET = 3_000;
/** Counts long work, and says at each beat how far it has come. */
class ProgressMeter {
    #now;
    #say;
    #open = new Set();
    /**
     * @param now the time in milliseconds, from any clock
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
    /** Says a line if any work goes on for long. */
    beat() {
        const parts = [...this.#open]
            .filter(({ since, total }) => total > 1 && this.#now() - since >= QUIET)
            .map((each) => this.#describe(each));
        if (parts.length > 0)
            this.#say(parts.join('; '));
    }
    #describe({ what, total, since, done }) {
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

;// CONCATENATED MODULE: ./src/report/result.ts
const GREEN = new Set(['purged', 'planned', 'nothing-to-do']);
/** Whether a step that ended so is green. */
function isGreen(result) {
    return GREEN.has(result);
}

;// CONCATENATED MODULE: ./src/system.ts

/** Milliseconds. Node fires a longer timer at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
/**
 * The machine's time at the start of the process, plus the time since then by a monotonic clock. If the machine's clock
 * is set during a run, durations, ages of checks and pauses remain correct.
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
/** Random values from the system. */
const systemRandom = {
    int: (below) => (0,external_node_crypto_.randomInt)(below),
    hex: (bytes) => (0,external_node_crypto_.randomBytes)(bytes).toString('hex'),
};

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

;// CONCATENATED MODULE: ./src/report/verdict.ts


/** Tags or repositories that the sentence names. */
const verdict_SHOWN = 5;
/**
 * The one sentence that stands first everywhere. It never says "gone" alone if something is still served.
 *
 * @returns a sentence without a full stop
 */
function verdict(report) {
    // Nothing was touched in a repository that was refused, whatever became of the others.
    const repositories = report.repositories.filter(({ result }) => result !== 'refused');
    const tags = repositories.flatMap((each) => each.tags);
    if (report.result === 'nothing-to-do')
        return verdict_nothing(tags);
    if (report.result === 'refused')
        return `Refused, nothing was written: ${headline(firstProblem(report))}`;
    const labelsOnly = isLabelsOnly(report);
    if (report.result === 'planned')
        return planned(repositories, labelsOnly);
    const done = labelsOnly ? ofLabels(report.result, tags) : ofContent(report.result, repositories);
    return [`${leadOf(report)}${done}`, ...verdict_open(repositories, 'STILL SERVED')].join('; ');
}
/** What is, or would be, served after all, and which remaining tags are not known to be whole. */
function verdict_open(repositories, served) {
    return [...stillServed(repositories, served), ...exposed(repositories), ...verdict_unchecked(repositories)];
}
function verdict_unchecked(repositories) {
    const tags = repositories
        .flatMap(({ remaining }) => remaining)
        .filter((each) => each.verdict === 'unchecked').length;
    return tags === 0 ? [] : [`${count(tags, 'remaining tag')} NOT CHECKED`];
}
/** The lead-in of a run that is not a proof: in several repositories it names those that failed. */
function leadOf({ result, repositories }) {
    if (result === 'purged')
        return '';
    if (result === 'cancelled')
        return 'Cancelled: ';
    const which = (wanted, word) => {
        const names = repositories.filter((each) => each.result === wanted).map(({ name }) => name);
        return names.length === 0 ? [] : [`${names.length} ${word} (${some(names, verdict_SHOWN)})`];
    };
    const parts = [...which('incomplete', 'NOT PROVEN'), ...which('refused', 'refused')];
    if (repositories.length < 2 || parts.length === 0)
        return 'NOT PROVEN: ';
    return `Of ${repositories.length} repositories ${parts.join(', ')}: `;
}
function planned(repositories, labelsOnly) {
    const tags = repositories.flatMap((each) => each.tags).filter(({ outcome }) => outcome === 'planned');
    const digests = count(distinct(repositories).length, 'digest');
    const deleted = labelsOnly
        ? `${count(tags.length, 'label')}, and nothing else,`
        : [...(tags.length > 0 ? [verdict_tagsIn(tags, 'would stay SERVED')] : []), digests].join(' and ');
    const planned = [`Dry run: ${deleted} would go`, ...verdict_open(repositories, 'would stay SERVED')].join('; ');
    return `${planned}. Nothing was written`;
}
/** What became of tags, manifests and blobs. */
function ofContent(result, repositories) {
    const contents = distinct(repositories);
    const gone = contents.filter((each) => each.verdict === 'gone');
    const tags = ofTags(repositories.flatMap((each) => each.tags));
    const proven = [...tags, ofDigests(gone, tags.length > 0)].join(', ');
    if (result === 'purged')
        return proven;
    const left = contents.length - gone.length;
    const present = contents.filter((each) => each.verdict === 'present').length;
    const served = present > 0 ? ` (${present} still served)` : '';
    const parts = [
        ...(left > 0 ? [`${left} of ${count(contents.length, 'digest')} NOT proven gone${served}`] : []),
        ...(gone.length > 0 ? [proven] : tags),
    ];
    return parts.length === 0 ? 'nothing was done' : parts.join('; ');
}
/** Tags that are removed, and those that were gone before this run deleted them. */
function ofTags(all) {
    const which = (...outcomes) => {
        const tags = all.filter(({ outcome }) => outcomes.includes(outcome));
        return tags.length === 0 ? [] : [verdict_tagsIn(tags, 'is STILL SERVED', 'are STILL SERVED')];
    };
    return [
        ...which('deleted', 'with-manifest').map((tags) => `${tags} removed`),
        ...which('already-gone').map((tags) => `${tags} gone before`),
    ];
}
/** Counts tags. The image of a label-only tag stays, and is no digest that is deleted. */
function verdict_tagsIn(tags, one, many = one) {
    const labels = tags.filter(({ onlyLabel }) => onlyLabel).length;
    const all = count(tags.length, 'tag');
    if (labels === 0)
        return all;
    const images = plural(labels, `a label only: its image ${one}`, `labels only: their images ${many}`);
    return `${all} (${labels} of them as ${images})`;
}
/**
 * A digest that did not exist before its DELETE is not called gone: it may be a DiffID, or in another repository.
 *
 * @param isMore whether something else was deleted
 */
function ofDigests(proven, isMore) {
    const deleted = proven.filter(({ absent }) => !absent).length;
    const absent = proven.length - deleted;
    if (absent === 0)
        return `${count(deleted, 'digest')} gone`;
    const rest = `${count(absent, 'digest')} ${plural(absent, 'was', 'were')} not there to be deleted`;
    if (deleted > 0)
        return `${count(deleted, 'digest')} gone, ${rest}`;
    return isMore ? rest : `Nothing was deleted: ${rest}`;
}
function verdict_nothing(tags) {
    const matching = `${count(tags.length, 'matching tag')} ${plural(tags.length, 'stays', 'stay')}`;
    return `Nothing to do: no tag is selected, and ${tags.length === 0 ? 'no tag matches' : matching}. Nothing was written`;
}
/** With `scope: tag` no content is deleted, and the verdict must not sound as if it was. */
function ofLabels(result, all) {
    const tags = all.filter(({ outcome }) => outcome !== 'kept');
    const removed = tags.filter(({ outcome }) => outcome === 'deleted').length;
    const before = tags.filter(({ outcome }) => outcome === 'already-gone').length;
    const manifests = plural(removed, 'the manifest it pointed to is', 'the manifests they pointed to are');
    return [
        `${removed} of ${count(tags.length, 'label')} removed${before > 0 ? `, ${before} gone before` : ''}`,
        ...(removed > 0 && result === 'purged' ? [`${manifests} STILL SERVED by digest, as asked`] : []),
    ].join('; ');
}
function exposed(repositories) {
    const found = repositories.flatMap((each) => each.exposed);
    if (found.length === 0)
        return [];
    const places = [...new Set(found.map(({ repository }) => repository))].sort();
    const digests = new Set(found.map(({ digest }) => digest)).size;
    return [`${count(digests, 'digest')} EXPOSED in ${some(places, verdict_SHOWN)}`];
}
function firstProblem({ problems, repositories }) {
    const [first] = [...problems, ...repositories.flatMap((each) => each.problems)];
    return first?.text ?? 'the run ended before the first write';
}
/** The first line, which says what happened. */
function headline(text) {
    const [line = ''] = text.split('\n');
    return line.replace(/[.:]$/, '');
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
function stillServed(repositories, served) {
    const kept = repositories.flatMap((each) => each.kept);
    const digests = new Set(kept.map(({ digest }) => digest)).size;
    if (digests === 0)
        return [];
    const holders = [...new Set(kept.flatMap(({ heldBy }) => heldBy))].sort();
    return [`${count(digests, 'digest')} ${served}, held by ${some(holders, verdict_SHOWN)}`];
}

;// CONCATENATED MODULE: ./src/report/summary/bounded.ts
/** Bytes kept free for the notes about what was left out. */
const bounded_NOTES = 16 * 1024;
/** Lines up to a number of bytes. Lines that do not fit are counted. */
class Bounded {
    #lines = [];
    #most;
    #size = 0;
    #left = 0;
    #notes = 0;
    /** @param most bytes, with the notes about what was left out */
    constructor(most) {
        this.#most = most - bounded_NOTES;
    }
    add(...lines) {
        for (const line of lines)
            this.#take(line);
    }
    /** Adds the rows of one list, and a note about how many of them were left out, as long as there is room for it. */
    addAll(lines) {
        const before = this.#left;
        for (const line of lines)
            this.#take(line);
        const left = this.#left - before;
        const note = `\n… and ${left} more: see the report.`;
        if (left === 0 || this.#notes + note.length > bounded_NOTES)
            return;
        this.#notes += 2 * note.length;
        this.#lines.push(note);
    }
    render() {
        const rest = this.#left === 0
            ? ''
            : `\n… ${this.#left} lines in all were left out here. The report has all of them.\n`;
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

;// CONCATENATED MODULE: ./src/report/summary/markdown.ts

const LONGEST_WORD = 500;
/** Adds a headed list, unless it is empty. */
function markdown_list(text, title, entries) {
    if (entries.length === 0)
        return;
    text.add(`### ${title}`, '');
    text.addAll(entries.map((entry) => `- ${prose(entry)}`));
    text.add('');
}
/** Adds a table. @param rows Markdown, a cell an entry */
function table(text, head, rows) {
    text.add(`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`);
    text.addAll(rows.map((cells) => `| ${cells.join(' | ')} |`));
    text.add('');
}
/** @returns a text of the run as code, cut to what fits into a line */
function word(text) {
    return code(text.length > LONGEST_WORD ? `${text.slice(0, LONGEST_WORD)}…` : text);
}

;// CONCATENATED MODULE: ./src/report/summary/next.ts


const ROTATE = 'Rotate every credential that was in the image, unless that is done: whoever pulled it has it.';
const KEEP = 'Keep the report: with the digests in it a later run can go on or verify again.';
/** @returns what to do after a run, in order */
function nextSteps(report) {
    const { result, fingerprint, inputs } = report;
    const asOf = inputs['as-of'];
    if (result === 'nothing-to-do')
        return [KEEP];
    if (result === 'refused')
        return ['Remove what is in the way, and run again.', ROTATE];
    if (result === 'planned') {
        const again = `${code('dry-run: false')} and ${code(`approve: ${fingerprint ?? ''}`)}`;
        const sameAge = asOf === undefined
            ? ''
            : `, and with ${code(`as-of: ${asOf}`)}, so that ages count from the same moment`;
        return [`Read the plan, and run again with ${again}${sameAge}.`, ROTATE];
    }
    if (result !== 'purged')
        return [...unfinished(report), ROTATE, KEEP];
    if (isLabelsOnly(report))
        return [
            'If the image that the label pointed to leaked: purge it by its digest, with `scope: image`. It is still served.',
            KEEP,
        ];
    return [
        ROTATE,
        "Run the registry's garbage collection, so that the bytes leave its disk, and restart its replicas afterwards.",
        'Purge caches and mirrors in front of the registry.',
        KEEP,
    ];
}
/** A repository that is not proven may have lost its tags, so it can no longer be named by them. */
function unfinished({ repositories }) {
    const several = repositories.length > 1;
    const open = repositories.some(({ result }) => result === 'incomplete' || result === 'cancelled');
    return [
        ...(several ? ['Read above what became of each repository, and remove what is in the way.'] : []),
        ...(open || !several
            ? [
                'Run again with the lines that the step Plan printed: what is gone already is proven again, and what no longer has a tag is named by its digest.',
            ]
            : []),
    ];
}

;// CONCATENATED MODULE: ./src/report/summary/repository.ts


/** Tags that a cell names. */
const repository_HOLDERS = 10;
/**
 * Adds what became of one repository.
 *
 * @param several whether the run has more than one, so that each says its own result
 */
function addRepository(text, entry, several) {
    text.add(`### ${code(entry.name)}${several ? `: ${entry.result}` : ''}`, '');
    // Tags that were considered by age and size have a table of their own.
    if (!hasSelection(entry))
        addTags(text, entry);
    addContent(text, entry);
    addKept(text, entry);
    addExposed(text, entry);
    addRemaining(text, entry);
}
/** Whether tags were considered by their age and size. */
function hasSelection({ tags }) {
    return tags.some(({ size }) => size !== undefined);
}
function addTags(text, { tags }) {
    if (tags.length === 0)
        return;
    const rows = tags.map(({ tag, digest, outcome, reason }) => [
        code(tag),
        digest === null ? 'did not resolve' : code(digest),
        `${outcome}${reason === null ? '' : ` ${code(reason)}`}`,
    ]);
    table(text, ['tag that leaked', 'digest', 'outcome'], rows);
}
function addContent(text, { manifests, blobs }) {
    const rows = [
        ...manifests.map((each) => contentRow('manifest', each)),
        ...blobs.map((each) => contentRow('blob', each)),
    ];
    if (rows.length === 0)
        return;
    table(text, ['kind', 'digest', 'size', 'outcome', 'verdict', 'rounds', 'first and last 404'], rows);
}
function contentRow(kind, entry) {
    const { digest, size, outcome, verdict, rounds, goneSince, goneUntil } = entry;
    const span = goneSince === null ? '' : `${goneSince} – ${goneUntil ?? ''}`;
    return [kind, code(digest), bytes(size), outcome, verdict, String(rounds), span];
}
function addKept(text, { kept }) {
    if (kept.length === 0)
        return;
    text.add(`**${count(kept.length, 'digest')} of the image STILL SERVED**, since remaining tags need them:`, '');
    const rows = kept.map(({ digest, heldBy }) => [code(digest), code(some(heldBy, repository_HOLDERS))]);
    table(text, ['digest', 'held by'], rows);
}
function addExposed(text, { exposed }) {
    if (exposed.length === 0)
        return;
    text.add(`**${count(exposed.length, 'digest')} EXPOSED**: other repositories serve them:`, '');
    const rows = exposed.map(({ repository, digest, heldBy }) => [
        code(repository),
        code(digest),
        heldBy.length === 0 ? '' : code(some(heldBy, repository_HOLDERS)),
    ]);
    table(text, ['repository', 'digest', 'held by'], rows);
}
function addRemaining(text, { remaining }) {
    if (remaining.length === 0)
        return;
    const sound = remaining.filter(({ verdict }) => verdict === 'intact').length;
    const open = remaining.filter(({ verdict }) => verdict === 'unchecked').length;
    const unchecked = open === 0 ? '' : `, ${open} could not be checked`;
    text.add(`${sound} of ${count(remaining.length, 'remaining tag')} verified to the last blob${unchecked}:`, '');
    const rows = remaining.map(({ tag, digest, verdict }) => [
        code(tag),
        digest === null ? '' : code(digest),
        verdict,
    ]);
    table(text, ['remaining tag', 'digest', 'verdict'], rows);
}

;// CONCATENATED MODULE: ./src/report/summary/summary.ts








/** Bytes. GitHub drops a summary above 1 MiB as a whole. */
const summary_LONGEST = 900 * 1024;
/** Bytes kept free for what follows the lists. */
const TAIL = 16 * 1024;
const summary_SIGNS = {
    purged: '✅',
    planned: '📋',
    'nothing-to-do': '✅',
    refused: '⛔',
    incomplete: '❌',
    cancelled: '❌',
};
/**
 * @param report the whole report
 * @param path of its file
 * @returns Markdown of at most 900 KiB: the verdict first, cut with counts if there is too much
 */
function renderSummary(report, path) {
    const text = new Bounded(summary_LONGEST - TAIL);
    text.add(`## ${summary_SIGNS[report.result]} ${prose(verdict(report))}`, '');
    if (report.registry !== null)
        text.add(`Registry ${code(report.registry)}`, '');
    if (report.reason !== null)
        text.add(`Reason: ${word(report.reason)}`, '');
    markdown_list(text, 'What is in the way', problemsIn(report));
    if (report.repositories.some(hasSelection))
        addSelection(text, report);
    for (const repository of report.repositories)
        if (repository.result !== 'nothing-to-do')
            addRepository(text, repository, report.repositories.length > 1);
    markdown_list(text, 'Warnings', [...report.warnings, ...report.repositories.flatMap((each) => each.warnings)]);
    return `${text.render()}${tail(report, path)}`;
}
/** Every problem, with its repository if there are several and it does not name it. */
function problemsIn({ problems, repositories }) {
    const named = (entry) => (problem) => repositories.length === 1 || isAbout(problem, entry) ? problem.text : `${entry.name}: ${problem.text}`;
    return [
        ...problems.map(({ text }) => text),
        ...repositories.flatMap((entry) => entry.problems.map(named(entry))),
    ];
}
/** Whether a problem names its repository, or something in it. */
function isAbout({ items }, { name }) {
    return items.some((item) => item === name || item.startsWith(`${name}:`) || item.startsWith(`${name}@`));
}
/** The tags that were considered, as one table: deleted ones first, of every repository. */
function addSelection(text, { repositories, inputs }) {
    const asOf = Date.parse(inputs['as-of'] ?? '');
    const row = (name, { tag, digest, created, size, outcome, reason }) => [
        code(name),
        code(tag),
        digest === null ? '–' : code(digest),
        created === undefined || created === null ? '–' : span(asOf - Date.parse(created)),
        size === undefined || size === null ? '–' : bytes(size),
        outcome === 'kept' ? 'stays' : outcome,
        reason === null ? because(tag, outcome) : word(reason),
    ];
    const rows = (stays) => repositories.flatMap(({ name, tags }) => tags.filter(({ outcome }) => (outcome === 'kept') === stays).map((each) => row(name, each)));
    const staying = rows(true);
    const shown = [...rows(false), ...staying.slice(0, MOST_STAYING)];
    const [name, tag, ...rest] = HEAD;
    if (shown.length > 0)
        table(text, [name, tag, 'digest', ...rest], shown);
    const more = staying.length - MOST_STAYING;
    if (more > 0)
        text.add(`… and ${more} more that match and stay: see the report.`, '');
}
/** Why a selected tag goes, if its entry gives no reason. */
function because(tag, outcome) {
    if (outcome === 'kept')
        return '';
    return subjectKey(tag) === undefined ? 'its image goes' : 'belongs to an image that goes';
}
function tail(report, path) {
    const { run } = report;
    const isSearched = (report.requests['search'] ?? 0) > 0;
    const others = isSearched
        ? `Repositories other than those in ${code('search-repositories')}`
        : 'Other repositories';
    const url = /^https?:\/\/[\w.:-]+\/[\w./-]{0,500}$/.test(run.url) ? `[run](${run.url})` : word(run.url);
    return [
        '### Not checked',
        '',
        `${others} and registries; mirrors, CDNs and caches beyond this host; older pushes of the tag, which keep their own digests; untagged images that are deployed by digest, and pushes of an index whose children were up first; listed tags that do not resolve, which count as broken before; replicas that this runner does not reach (sticky balancers, proxies that keep their connections, a replica that sleeps); whoever has pulled the image already. Bytes stay on the disk of the registry until its garbage collection, which must not run before or during a purge (on 2.x it keeps each repository's link to a layer, and so keeps serving what another repository holds).`,
        '',
        `Fingerprint ${report.fingerprint === null ? 'none' : code(report.fingerprint)} · report ${word(path)}`,
        '',
        '### Next',
        '',
        ...nextSteps(report).map((step, at) => `${at + 1}. ${step}`),
        '',
        `${word(run.workflow)} in ${word(run.repository)}, ${url}, attempt ${run.attempt}, by ${word(run.actor)} on ${word(run.event)}, commit ${word(run.commit)}, registry-purge ${word(run.actionVersion)}`,
        '',
    ].join('\n');
}

;// CONCATENATED MODULE: ./src/action/runner-file.ts


/** A file of the runner cannot be written. The message names the variable and the reason. */
class RunnerFileError extends Error {
    name = 'RunnerFileError';
}
/**
 * Appends a text to a file of the runner, completely or not at all: the runner reads the file after the step, and the step
 * would fail because of half an output.
 *
 * @throws RunnerFileError if the variable is not set, or the file is missing or cannot be written
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
    // Never creates the file: if the runner's file is missing, the runner would not read a new one.
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
/** Removes the written part of a text whose rest could not be written. */
function shorten(file, size) {
    try {
        (0,external_node_fs_.ftruncateSync)(file, size);
    }
    catch {
        // A device cannot be shortened. The first error is the useful one.
    }
}

;// CONCATENATED MODULE: ./src/action/outputs.ts


/** Sets the outputs of the step, all or none. @throws RunnerFileError */
function setOutputs(outputs, file) {
    const blocks = Object.entries(outputs).map(([name, value]) => {
        const end = `end_of_output_${(0,external_node_crypto_.randomUUID)()}`;
        return `${name}<<${end}\n${value}\n${end}\n`;
    });
    appendForRunner(file, blocks.join(''));
}

;// CONCATENATED MODULE: ./src/action/conclude.ts








/**
 * Ends a run: writes the report a last time, logs the verdict, and sets outputs and summary. If one of these steps fails,
 * it logs an error, and the other steps still run. Never throws.
 *
 * @param journal of a run that has ended
 */
function conclude(journal, ending) {
    const { log, environment } = ending;
    const report = journal.copy();
    const path = saveLast(journal, report, ending);
    const where = path === undefined ? 'There is no report either' : `The report contains the same: ${path}`;
    const file = (variable) => ({ variable, path: environment[variable] });
    const handOver = (failed, act) => {
        try {
            act();
        }
        catch (error) {
            const known = error instanceof RunnerFileError;
            log.error(`${failed} (${known ? error.message : `registry-purge has a defect: ${String(error)}`}). ${where}`);
        }
    };
    handOver('The verdict was not logged', () => tell(report, path, log));
    handOver('The outputs of this step were not set', () => setOutputs(outputsOf(report, path ?? ''), file('GITHUB_OUTPUT')));
    handOver('The job summary was not written', () => appendForRunner(file('GITHUB_STEP_SUMMARY'), renderSummary(report, path ?? 'not written')));
}
/** Writes the report a last time. @returns its path, or undefined if it could not be written anywhere */
function saveLast(journal, report, ending) {
    const { log, fallbacks, stamp } = ending;
    const failures = new Map();
    const others = fallbacks.map((path) => () => {
        const file = new ReportFile(path, stamp);
        return { path: file.path, save: () => file.write(journal.render()) };
    });
    for (const place of [() => ({ path: journal.path, save: () => journal.save() }), ...others]) {
        const { path, save } = place();
        if (failures.has(path))
            continue;
        try {
            save();
        }
        catch (error) {
            failures.set(path, codeOf(error));
            continue;
        }
        // The path of the journal changes if another run uses the same path.
        if (failures.size === 0)
            return journal.path;
        say(`it is in ${path} instead`);
        return path;
    }
    say('no report was written. Keep this log: a later run can use the lines that the step Plan printed');
    return undefined;
    function say(instead) {
        const places = [...failures].map(([path, code]) => `${path} (${code})`).join(', nor to ');
        const sentence = `report-file: the report cannot be written to ${places}; ${instead}`;
        // If this failure has refused the run, an error was logged already.
        if (report.problems.some(({ kind }) => kind === 'report-file'))
            log.info(sentence);
        else
            log.error(sentence);
    }
}
/** Logs warnings, problems and, as the last line, the verdict. Not inside a group, which the runner would fold. */
function tell(report, path, log) {
    const problems = [...report.problems, ...report.repositories.flatMap((each) => each.problems)];
    for (const warning of report.warnings)
        log.warning(warning);
    for (const { name, warnings } of report.repositories)
        for (const warning of warnings)
            log.warning(`${name}: ${warning}`);
    for (const { text } of problems)
        log.error(text);
    const kept = report.repositories.flatMap((each) => each.kept);
    const sentence = `${verdict(report)}. Report: ${path ?? 'none'}`;
    if (problems.length === 0 && !isGreen(report.result))
        log.error(sentence);
    else if (kept.length > 0)
        log.warning(sentence);
    else
        log.info(sentence);
}

;// CONCATENATED MODULE: ./src/action/environment.ts

const PREFIX = 'INPUT_';
/** @returns the variable that the runner sets for an input: in upper case, with `_` for blanks; hyphens are kept */
function variableOf(name) {
    return `${PREFIX}${name.replaceAll(' ', '_').toUpperCase()}`;
}
/**
 * Finds the inputs among the environment variables.
 *
 * @returns the texts by the names of their inputs. A variable of no declared input keeps its name in upper case, so it
 *   differs from every declared name
 */
function inputsIn(environment) {
    const names = new Map(Object.keys(DECLARED).map((name) => [variableOf(name), name]));
    const inputs = new Map();
    for (const [variable, text] of Object.entries(environment)) {
        if (text === undefined || !variable.toUpperCase().startsWith(PREFIX))
            continue;
        inputs.set(names.get(variable) ?? variable.slice(PREFIX.length).toUpperCase(), text);
    }
    return inputs;
}
/** @returns the environment for other programs, without the inputs, which they must not see */
function withoutInputs(environment) {
    const isInput = (variable) => variable.toUpperCase().startsWith(PREFIX);
    return Object.fromEntries(Object.entries(environment).filter(([variable]) => !isInput(variable)));
}

;// CONCATENATED MODULE: ./src/action/log.ts


/** Annotations of a kind, at most. The runner keeps 10 for each step; further ones are only in the log. */
const ANNOTATIONS = 9;
/** Characters of an annotation. */
const log_LONGEST = 4000;
/**
 * Makes a log that writes workflow commands of the runner: groups and annotations.
 *
 * @param redact removes secrets from a text. The runner masks them as well, but it can miss other forms of a secret
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

;// CONCATENATED MODULE: ./src/action/proxy.ts
const proxy_NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];
/** Other programs read these as well; Node does not. */
const ALL = ['all_proxy', 'ALL_PROXY'];
/** Node uses proxies with these schemes only, in lower case. It ignores any other address. */
const USED = /^https?:\/\//;
/** @returns the variables of the environment that name proxies */
function proxiesOf(environment) {
    return Object.fromEntries(proxy_NAMES.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])));
}
/** @returns the passwords in the addresses of proxies: as written, decoded, and in base64 as a request carries them */
function proxySecrets(environment) {
    const values = [...Object.values(proxiesOf(environment)), ...ALL.map((name) => environment[name])];
    return values.flatMap((value) => {
        const address = value === undefined ? undefined : addressOf(value);
        if (address === undefined || address.password === '')
            return [];
        const { username, password } = address;
        const plain = [username, password].map(decode).join(':');
        return [password, decode(password), Buffer.from(plain, 'utf8').toString('base64')];
    });
}
/**
 * Finds the variable that names a proxy for the registry, but does not take effect, so that requests go to the registry
 * directly. A variable in lower case comes before one in capitals.
 *
 * @param origin the registry's
 * @returns undefined if the proxy is used, none is named, or NO_PROXY exempts the registry
 */
function unusedProxy(environment, origin) {
    const { protocol } = new URL(origin);
    const names = protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY'];
    if (isExempt(environment['no_proxy'] || environment['NO_PROXY'] || '', origin))
        return undefined;
    const name = [...names, ...ALL].find((each) => Boolean(environment[each]));
    if (name === undefined)
        return undefined;
    const instead = names[1] ?? '';
    if (ALL.includes(name))
        return { kind: 'proxy-not-used', name, why: 'not-read', instead };
    const value = environment[name] ?? '';
    if (USED.test(value))
        return undefined;
    const [, scheme] = /^([A-Za-z][A-Za-z0-9+.-]{0,30}):\/\//.exec(value) ?? [];
    return scheme === undefined
        ? { kind: 'proxy-not-used', name, why: 'no-scheme', instead }
        : { kind: 'proxy-not-used', name, why: 'scheme', scheme, instead };
}
/** @returns whether NO_PROXY names the host: whole, with its port, or by a domain that it is in */
function isExempt(list, origin) {
    const { hostname, host } = new URL(origin);
    return list
        .split(',')
        .map((entry) => entry.trim().toLowerCase())
        .some((entry) => {
        if (entry === '*' || entry === hostname || entry === host)
            return true;
        const domain = entry.replace(/^\*(?=\.)/, '');
        return domain.startsWith('.') && (hostname.endsWith(domain) || hostname === domain.slice(1));
    });
}
/** Many write an address without its scheme, and may write a password there. */
function addressOf(value) {
    const whole = /^[\w+.-]+:\/\//.test(value) ? value : `http://${value}`;
    return URL.canParse(whole) ? new URL(whole) : undefined;
}
function decode(text) {
    try {
        return decodeURIComponent(text);
    }
    catch {
        return text;
    }
}

;// CONCATENATED MODULE: ./src/action/run-context.ts

/** The context of a run before the runner's context is loaded. */
const NO_CONTEXT = {
    repository: '',
    workflow: '',
    url: '',
    attempt: 1,
    actor: '',
    event: '',
    commit: '',
    actionVersion: VERSION,
};
/** @returns the context of this run. Loads the separate chunk of @actions/github in parallel with the first requests. */
async function runContext(environment) {
    const context = await __webpack_require__.e(/* import() */ 413).then(__webpack_require__.bind(__webpack_require__, 2413)).then((github) => github.context, 
    // @actions/github also reads the event file and fails if it is damaged. A run does not need that file.
    () => contextOf(environment));
    const repository = environment['GITHUB_REPOSITORY'] ?? '';
    const { runId, runAttempt, serverUrl } = context;
    return {
        repository,
        workflow: context.workflow ?? '',
        url: Number.isInteger(runId) ? `${serverUrl}/${repository}/actions/runs/${runId}` : '',
        attempt: Number.isInteger(runAttempt) ? runAttempt : 1,
        actor: context.actor ?? '',
        event: context.eventName ?? '',
        commit: context.sha ?? '',
        actionVersion: VERSION,
    };
}
/** @returns the same values from the runner's variables */
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

;// CONCATENATED MODULE: ./src/action/stopper.ts

/** Milliseconds that requests in flight may take after the run is stopped. GitHub ends the process after 7.5 s. */
const GRACE = 4_000;
/** Ends a run early: after a cancellation, or at the time limit. */
class Stopper {
    #stop = new AbortController();
    #kill = new AbortController();
    #over = new AbortController();
    #timer;
    /** @param cancel aborted when somebody cancels the run */
    constructor(cancel) {
        const stop = () => this.#begin('cancelled');
        if (cancel.aborted)
            stop();
        else
            cancel.addEventListener('abort', stop, { once: true });
    }
    /** Aborted with a StopReason when no new work may begin. */
    get stop() {
        return this.#stop.signal;
    }
    /** Aborted when no request may be in flight any more. */
    get kill() {
        return this.#kill.signal;
    }
    /** Stops the run after this many milliseconds. */
    limit(ms) {
        void systemClock.sleep(ms, this.#over.signal).then(() => this.#begin('timeout'));
    }
    /** Call it after the run: no timer then keeps the process alive, and no request in flight is retried. */
    rest() {
        this.#over.abort();
        clearTimeout(this.#timer);
        this.#stop.abort();
        this.#kill.abort();
    }
    #begin(reason) {
        if (this.#over.signal.aborted)
            return;
        this.#stop.abort(reason);
        this.#timer ??= setTimeout(() => this.#kill.abort(), GRACE);
    }
}

;// CONCATENATED MODULE: ./src/action/main.ts




















/** Milliseconds until the process is ended after the run, at most. */
const LINGER = 500;
/** Milliseconds between two progress lines of a long step. */
const BEAT = 5_000;
/**
 * The action: reads the inputs, runs the engine, and passes its results to the runner. Sets the exit status; never throws.
 *
 * @param cancel aborted when the runner cancels the step
 * @param streams shows whether the log could be written
 */
async function main(cancel, streams) {
    const { env } = process;
    const started = systemClock.now();
    const read = readInputs(inputsIn(env), started);
    const secrets = new Secrets((secret) => core/* setSecret */.Pq(secret));
    secrets.addAll([...read.secrets, ...proxySecrets(env)]);
    const redact = (text) => secrets.redact(text);
    const log = actionsLog(redact);
    const context = runContext(env);
    const stamp = time(started).replaceAll(':', '-');
    const name = `registry-purge-${stamp}-${(0,external_node_crypto_.randomUUID)().slice(0, 8)}.json`;
    const fallbacks = [(0,external_node_path_.join)(env['RUNNER_TEMP'] || (0,external_node_os_.tmpdir)(), name), (0,external_node_path_.join)((0,external_node_os_.tmpdir)(), name)];
    const file = new ReportFile(read.reportFile ?? fallbacks[0], stamp);
    const report = emptyReport({ ...read, started, run: NO_CONTEXT });
    const journal = new ReportJournal(report, { file, clock: systemClock, log, redact });
    const result = await resultOf(read, { cancel, secrets, journal, log });
    if (streams.lost !== undefined)
        journal.warn({ kind: 'log-lost', code: streams.lost });
    journal.finish(await context);
    conclude(journal, { fallbacks, stamp, log, environment: env });
    process.exitCode = isGreen(result) ? 0 : 1;
    // A system call that cannot be aborted, such as a name lookup, must not keep the process alive for longer.
    setTimeout(() => process.exit(), LINGER).unref();
}
/** Runs the engine, unless the inputs are refused. */
async function resultOf({ settings, problems }, parts) {
    const { cancel, secrets, journal, log } = parts;
    for (const problem of problems)
        journal.problem(problem);
    if (settings === undefined)
        return 'refused';
    const { env } = process;
    const unused = unusedProxy(env, settings.origin);
    if (unused !== undefined)
        journal.warn(unused);
    const stopper = new Stopper(cancel);
    stopper.limit(settings.timeout);
    const progress = new ProgressMeter(() => systemClock.now(), (line) => journal.progress(line));
    const beating = setInterval(() => progress.beat(), BEAT);
    const letGrow = keepSmall();
    const { stop, kill } = stopper;
    const docker = {
        folder: env['DOCKER_CONFIG'] || (0,external_node_path_.join)((0,external_node_os_.homedir)(), '.docker'),
        environment: withoutInputs(env),
    };
    const trace = env['RUNNER_DEBUG'] === '1' ? { trace: (line) => log.debug(line) } : {};
    const surroundings = { clock: systemClock, random: systemRandom, stop, kill, secrets, progress, docker };
    const result = await engine_run(settings, { ...surroundings, proxy: proxiesOf(env), ...trace }, journal);
    clearInterval(beating);
    letGrow();
    stopper.rest();
    return result;
}


/***/ })

};
