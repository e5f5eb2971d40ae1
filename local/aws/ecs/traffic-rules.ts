/**
 * What the blue/green, linear and canary strategies need of load balancing: the weights of listener rules.
 * The ELBv2 of the local AWS provides it.
 */
export interface TrafficRules {
  /**
   * Weights by target group ARN of the rule's forward action, in its order: whole numbers 0-999. `{}` for a
   * rule that does not forward; `undefined` for a rule that does not exist. A listener's default rule has an
   * ARN too.
   */
  weights(ruleArn: string): Record<string, number> | undefined;
  /**
   * Makes the rule forward to exactly these target groups with these weights, in one step: the next request
   * is routed by them, requests under way stay where they are. Group stickiness is kept as it was.
   * Throws `AwsFault` with nothing changed: `RuleNotFound`, `TargetGroupNotFound`, `ValidationError` (a weight
   * that is no whole number 0-999), `TargetGroupAssociationLimit`, `TooManyUniqueTargetGroups` (more than 5).
   */
  setWeights(ruleArn: string, weights: Record<string, number>): void;
}
