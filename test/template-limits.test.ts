import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { byteErrors, resourceErrors } from '../src/private/template-limits';

function newStack(suppressTemplateIndentation = false): Stack {
  return new Stack(new App({ analyticsReporting: false }), 'Lake', { suppressTemplateIndentation });
}

function addResources(stack: Stack, count: number): void {
  for (let n = 0; n < count; n++) new CfnResource(stack, `R${n}`, { type: 'Some::Resource::Type' });
}

function errorsWith(property: unknown, suppressTemplateIndentation = false): string[] {
  const stack = newStack(suppressTemplateIndentation);
  new CfnResource(stack, 'R', { type: 'Some::Resource::Type', properties: { P: property } });
  return byteErrors(stack, 7, 3);
}

const bytesIn = (errors: string[]) => Number(/got: (\d+), with 7 customers/.exec(errors[0])![1]);

test('a stack may have 500 resources', () => {
  const stack = newStack();
  addResources(stack, 500);
  expect(resourceErrors(stack, 7, 3)).toEqual([]);
});

test('with more, the error says how many, what to write and how to see which customers are deployed', () => {
  const stack = newStack();
  addResources(stack, 501);
  const [error, ...others] = resourceErrors(stack, 7, 3);
  expect(others).toEqual([]);
  expect(error).toMatch(/^stack 'Lake' must have at most 500 resources, got: 501, with 7 customers; write "shard": 3 /);
  expect(error).toContain('aws cloudformation list-stack-resources --stack-name Lake --query "StackResourceSummaries');
});

test('resources of a stack below it do not count', () => {
  const stack = newStack();
  addResources(stack, 400);
  addResources(new Stack(stack, 'Below'), 400);
  expect(resourceErrors(stack, 7, 3)).toEqual([]);
});

test('a template may have 1,000,000 bytes, as CDK writes it', () => {
  const rest = bytesIn(errorsWith('x'.repeat(1_000_000))) - 1_000_000;
  expect(errorsWith('x'.repeat(1_000_000 - rest))).toEqual([]);
  expect(bytesIn(errorsWith('x'.repeat(1_000_001 - rest)))).toBe(1_000_001);
  expect(bytesIn(errorsWith('ü'.repeat(500_000)))).toBe(1_000_000 + rest); // bytes, not letters
});

const NUMBERS = new Array(150_000).fill(1); // a line each

test('where it fits without indentation, the error says so', () => {
  const [error] = errorsWith(NUMBERS);
  expect(error).toMatch(/^stack 'Lake' must have a template of at most 1000000 bytes, got: \d{7}, with 7 customers; /);
  expect(error).toMatch(/; write suppressTemplateIndentation: true .+, which leaves 30\d{4} bytes, or write "shard"/);
});

test('it may have all of its bytes without indentation', () => {
  const rest = bytesIn(errorsWith('x'.repeat(1_000_000), true)) - 1_000_000;
  const [error] = errorsWith('x'.repeat(1_000_000 - rest));
  expect(error).toContain('suppressTemplateIndentation: true in the props of the stack, which leaves 1000000 bytes');
});

test('without indentation it fits', () => {
  expect(errorsWith(NUMBERS, true)).toEqual([]);
});

test.each([true, false])('where only fewer customers help, the error says that alone (compact: %s)', (compact) => {
  const [error] = errorsWith('x'.repeat(1_100_000), compact);
  expect(error).toMatch(/, with 7 customers; write "shard": 3 for customers that are not deployed yet; /);
});
