import { DescribeConfigurationRecordersCommand } from '@aws-sdk/client-config-service';
import { Check, failure, ok } from '../check';

/** A Region has one configuration recorder. Rules need it; the lake may bring it. */
export const recorder: Check = {
  id: 'config-recorder',
  title: 'AWS Config recorder',
  actions: ['config:DescribeConfigurationRecorders'],
  run: async ({ aws, lake, deployed }) => {
    if (lake.configAudit === 'NONE') return [];
    const { resources } = await deployed();
    if (resources.some(({ type }) => type === 'AWS::Config::ConfigurationRecorder')) return [ok('it is the lake\'s')];
    const { ConfigurationRecorders: found = [] } = (
      await aws.config.send(new DescribeConfigurationRecordersCommand({})));
    const isBrought = lake.configAudit === 'RULES_AND_RECORDER';
    if (isBrought && found.length) {
      return [failure('the Region has a recorder already, and takes one', 'write configAudit: ConfigAudit.RULES')];
    }
    if (!isBrought && !found.length) {
      return [failure('the Region has no recorder, and rules need one',
        'write configAudit: ConfigAudit.RULES_AND_RECORDER, or set up AWS Config')];
    }
    return [ok(isBrought ? 'there is none yet; the lake brings it' : 'there is one')];
  },
};
