import { App, AppProps, Stack, StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DISABLE_ASSET_STAGING_CONTEXT } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { AuditTrail, ConfigAudit, Customer, Customers, ModernDataLake, ModernDataLakeProps } from '../src';

process.env.JSII_DEPRECATED = 'quiet'; // aws-cdk-lib warns of a property of its own that nobody uses
// The newest aws-cdk-lib validates every template, most of the time of a test that asserts nothing of it. One test in
// test/newest-cdk turns it on.
process.env.CDK_VALIDATION = 'false';

/** Any JSON of a template. */
type Json = any;

export interface LakeOptions extends Partial<Omit<ModernDataLakeProps, 'customers'>> {
  readonly customers?: Customer[];
}

/** Options of a lake that has something of every kind, for the judges of templates. */
export function everything(partition = 'aws'): LakeOptions {
  const roles = ['111122223333:role/loader', '444455556666:role/team/analyst'];
  const access = {
    uploaderRoleArns: roles.map((role) => `arn:${partition}:iam::${role}`),
    readerRoleArns: roles.map((role) => `arn:${partition}:iam::${role}`),
  };
  const columns = [{ name: 'id', type: 'bigint' }];
  return {
    customers: [
      {
        ...access,
        customerId: 'acme',
        owner: 'sales',
        tags: { cost: '1' },
        encryptionKey: 'own',
        datasets: [{ name: 'orders', expectedEvery: 'P1D' }],
      },
      { customerId: 'globex', shard: 1, ...access, datasets: [{ name: 'orders', expectedEvery: 'PT1H', columns }] },
    ],
    lakeFormation: true,
    configAudit: ConfigAudit.RULES_AND_RECORDER,
    auditTrail: AuditTrail.OBJECTS_AND_MANAGEMENT,
  };
}

/** The lake of the tests: two customers, everything else by default. Its assets stay where they are. */
export function newLake(options: LakeOptions = {}, stackProps: StackProps = {}, appProps: AppProps = {}) {
  const context = { [DISABLE_ASSET_STAGING_CONTEXT]: true };
  const stack = new Stack(new App({ analyticsReporting: false, context, ...appProps }), 'Lake', stackProps);
  return { stack, lake: addLake(stack, options) };
}

/** The same lake in any scope. */
export function addLake(scope: Construct, options: LakeOptions = {}): ModernDataLake {
  return new ModernDataLake(scope, 'Lake', {
    organization: 'mycompany',
    environment: 'prod',
    ...options,
    customers: Customers.of(options.customers ?? [{ customerId: 'acme' }, { customerId: 'globex' }]),
  });
}

/**
 * The template of a stack, made readable for assertions. The CDK's own `Template` finds resources by matching patterns
 * and leaves references as they are. This class differs in two ways:
 *
 * - References are text: `{ "Fn::GetAtt": ["LakeDataRole1A2B3C4D", "Arn"] }` is `${LakeDataRole.Arn}`, and joined text
 *   is one string. An expectation is a whole value, so that nothing unexpected is beside it.
 * - Logical ids have no hash: `LakeDataRole`, the construct path without its slashes.
 *
 * For patterns and relations between resources (`DependsOn`, say), tests use `Template` itself.
 */
export class Synthesized {
  /** The template of `newLake(options)`. */
  public static of(options: LakeOptions = {}): Synthesized {
    return new Synthesized(newLake(options).stack);
  }

  private readonly template: Json;

  constructor(stack: Stack) {
    this.template = Template.fromStack(stack).toJSON();
  }

  /** Properties of the resources of a type, by logical id without its hash. */
  public ofType(type: string): Record<string, Json> {
    const found = Object.entries<Json>(this.template.Resources).filter(([, resource]) => resource.Type === type);
    return Object.fromEntries(found.map(([id, resource]) => [withoutHash(id), readable(resource.Properties)]));
  }

  /**
   * The properties of a single resource: the only one of its type whose logical id, without its hash, ends with
   * `idEnd`. The test fails if there is none, or more than one.
   */
  public one(type: string, idEnd = ''): Json {
    const found = Object.entries(this.ofType(type)).filter(([id]) => id.endsWith(idEnd));
    expect(found.map(([id]) => id)).toHaveLength(1);
    return found[0][1];
  }

  /** Deletion policies by logical id without its hash. */
  public deletionPolicies(...types: string[]): Record<string, string> {
    const found = Object.entries<Json>(this.template.Resources).filter(([, resource]) => types.includes(resource.Type));
    return Object.fromEntries(found.map(([id, resource]) => [withoutHash(id), resource.DeletionPolicy]));
  }

  /** Number of resources by type. */
  public counts(): Record<string, number> {
    const types = Object.values<Json>(this.template.Resources).map((resource) => resource.Type as string);
    return types.reduce<Record<string, number>>((counts, type) => ({ ...counts, [type]: (counts[type] ?? 0) + 1 }), {});
  }

  /** Every statement of every policy; `owner` is the resource that has it, by logical id without its hash. */
  public statements(): Statement[] {
    return Object.entries<Json>(this.template.Resources).flatMap(([id, { Type, Properties }]) => {
      const documents = ['PolicyDocument', 'KeyPolicy', 'AssumeRolePolicyDocument'].map((name) => Properties[name]);
      return documents.filter(Boolean).flatMap((document) => (
        document.Statement.map((statement: Json) => ({ owner: withoutHash(id), type: Type, ...readable(statement) }))
      ));
    });
  }
}

export interface Statement {
  readonly owner: string;
  readonly type: string;
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: Json;
  readonly Action: string | string[];
  readonly Resource?: string | string[];
  readonly NotResource?: string | string[];
  readonly Condition?: Json;
}

/** IAM and CloudFormation write a list of one entry as the entry itself. */
export function list<T>(value: T | T[] | undefined): T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

const withoutHash = (id: string) => id.replace(/[0-9A-F]{8}$/, '');

function readable(value: Json): Json {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument]] = [...Object.entries<Json>(value), ['', undefined]];
  if (name === 'Ref') return `\${${withoutHash(argument)}}`;
  if (name === 'Fn::GetAtt') return `\${${withoutHash(argument[0])}.${argument[1]}}`;
  if (name === 'Fn::Sub') return argument;
  if (name === 'Fn::Join') return argument[1].map(readable).join(argument[0]);
  if (name === 'Fn::ImportValue') return `\${${argument}}`;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, readable(entry)]));
}
