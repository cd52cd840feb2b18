/** Definitions of state machines, judged by a validator of the Amazon States Language, which knows JSONata's fields. */
import aslValidator from 'asl-validator';
import { everything, Synthesized } from './lake';

/** Any JSON. */
type Json = any;

const machines = Object.entries(Synthesized.of(everything()).ofType('AWS::StepFunctions::StateMachine'));
const definitionOf = ({ DefinitionString }: Json) => JSON.parse(DefinitionString);

/** ARNs are not checked: the account and the Region are known at deployment only. */
function errorsOf(definition: Json): string {
  return aslValidator(definition, { checkPaths: true, checkArn: false }).errorsText();
}

test('the lake has these state machines', () => {
  expect(machines.map(([id]) => id).sort()).toEqual(
    ['LakeImportStateMachine', 'LakeObserveFeedsStateMachine', 'LakeSweeperStateMachine']);
});

test.each(machines)('%s is valid', (_, machine) => {
  expect(errorsOf(definitionOf(machine))).toBe('');
});

/** States of the sweeper, to be broken. */
const { LakeSweeperStateMachine: sweeper } = Object.fromEntries(machines);
const broken: [what: string, change: (states: Json) => void, error: RegExp][] = [
  ['a transition to a state that is not there', (states) => { states.StartJobRun.Next = 'Nowhere'; }, /Nowhere/],
  ['a state that none leads to', (states) => { states.Lonely = { Type: 'Pass', End: true }; }, /Lonely/],
  ['a field of JSONPath', (states) => { states.StartJobRun.ResultPath = '$.run'; }, /StartJobRun/],
  ['a task without a resource', (states) => { delete states.StartJobRun.Resource; }, /StartJobRun/],
  ['an expression that is no JSONata', (states) => { states.StageDone.Output = '{% $count( %}'; }, /StageDone/],
  ['a choice without choices', (states) => { states.DoesWorkWait.Choices = []; }, /DoesWorkWait/],
];

test.each(broken)('the validator finds %s', (_, change, error) => {
  const definition = definitionOf(sweeper);
  change(definition.States[definition.StartAt].ItemProcessor.States);
  expect(errorsOf(definition)).toMatch(error);
});
