/** What a key's policy says of uses of the key. */
export class KeyPolicy {
  private readonly statements: readonly Statement[];

  constructor(document: string) {
    this.statements = [JSON.parse(document).Statement].flat();
  }

  /** Judges a principal's actions. */
  judge(use: Use, actions: readonly string[]): Judgement {
    const judgement: Judgement = { denied: [], missing: [], unclear: [], conditions: new Set() };
    for (const action of actions) this.judgeAction(use, action, judgement);
    return judgement;
  }

  private judgeAction(use: Use, action: string, judgement: Judgement): void {
    const about = this.statements.filter((statement) => isAbout(statement, use, action));
    const [allow, deny] = ['Allow', 'Deny'].map((effect) => (
      about.filter(({ Effect }) => Effect === effect).map((statement) => conditionsOf(statement, use.context))));
    const isAllowed = allow.some((conditions) => holds(conditions) === true);
    const unsure = [...isAllowed ? [] : allow, ...deny].filter((conditions) => holds(conditions) === undefined);
    if (deny.some((conditions) => holds(conditions) === true)) {
      judgement.denied.push(action);
    } else if (!isAllowed && allow.every((conditions) => holds(conditions) === false)) {
      judgement.missing.push(action);
    } else if (unsure.length) {
      judgement.unclear.push(action);
      unsure.flat().filter((each) => each.isMet === undefined).forEach(({ key }) => judgement.conditions.add(key));
    }
  }
}

/** A principal that uses a key. */
export interface Use {
  /** How a policy names such a principal. */
  readonly kind: 'AWS' | 'Service';
  /** Names in a policy, of which any will do. */
  readonly principals: readonly string[];
  /** Condition keys in lower case; without values, the call lacks the key. What is not here is not known. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** Actions by what becomes of them; those in none of the lists are allowed. */
export interface Judgement {
  readonly denied: string[];
  readonly missing: string[];
  /** Allowed or denied by conditions that cannot be evaluated. */
  readonly unclear: string[];
  /** The keys of those conditions. */
  readonly conditions: Set<string>;
}

type Principal = string | { readonly [kind: string]: string | string[] };
interface Statement {
  readonly Effect: string;
  readonly Principal?: Principal;
  readonly NotPrincipal?: Principal;
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: string | string[] } };
}
interface Condition { readonly key: string; readonly isMet: boolean | undefined }

function isAbout(statement: Statement, { kind, principals }: Use, action: string): boolean {
  const { Principal: principal, NotPrincipal = {}, Action, NotAction = [] } = statement;
  const isOf = (given: Principal) => {
    const names = typeof given === 'string' ? [given] : [given[kind] ?? []].flat();
    return names.some((name) => name === '*' || principals.includes(name));
  };
  const isNamed = (patterns: string | string[]) => [patterns].flat().some((pattern) => (
    isLike(pattern.toLowerCase(), action.toLowerCase())));
  return (principal === undefined ? !isOf(NotPrincipal) : isOf(principal))
    && (Action === undefined ? !isNamed(NotAction) : isNamed(Action));
}

function conditionsOf({ Condition = {} }: Statement, context: Use['context']): Condition[] {
  return Object.entries(Condition).flatMap(([operator, keys]) => Object.entries(keys).map(([key, values]) => (
    { key, isMet: isMet(operator, [values].flat(), context[key.toLowerCase()]) })));
}

/** `undefined` if it depends on something that is not known. */
function isMet(operator: string, values: string[], found: readonly string[] | undefined): boolean | undefined {
  const parts = /^(String|Arn)(Not)?(Equals|Like)(IfExists)?$/.exec(operator);
  if (!parts || !found || values.some((value) => value.includes('${'))) return undefined;
  const [, type, not, comparison, ifExists] = parts;
  if (!found.length) return Boolean(not ?? ifExists);
  const isExact = type === 'String' && comparison === 'Equals'; // ArnEquals takes wildcards
  const isFound = values.some((value) => found.some((one) => isExact ? one === value : isLike(value, one)));
  return isFound !== Boolean(not);
}

function holds(conditions: readonly Condition[]): boolean | undefined {
  const met = conditions.map(({ isMet: each }) => each);
  if (met.includes(false)) return false;
  return met.includes(undefined) ? undefined : true;
}

/** Compares with the wildcards `*` and `?`. */
function isLike(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`, 's').test(text);
}
