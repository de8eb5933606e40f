namespace Apprentice.Code;

/// <summary>How often <see cref="Mutator"/> makes which fault.</summary>
public sealed record MutatorOptions
{
    /// <summary>
    /// Relative frequency of each operator by its name in <see cref="MutationOperators"/>, among those that a function has a place for; 0 or absent turns
    /// one off. The default gives most to wrong conditions, variables and missing code, the commonest shapes of one-line fixes, and little to what any reader sees.
    /// </summary>
    public IReadOnlyDictionary<string, double> Weights { get; init; } = DefaultWeights;

    /// <summary>Every problem with these settings, or none.</summary>
    public IEnumerable<string> Problems()
    {
        foreach ((string name, double weight) in Weights)
        {
            if (!MutationOperators.All.Contains(name))
            {
                yield return $"Weights: '{name}' is no operator; known are {string.Join(", ", MutationOperators.All)}.";
            }

            if (!(weight >= 0 && double.IsFinite(weight)))
            {
                yield return $"Weights: '{name}' has weight {weight}; expected a finite number of at least 0.";
            }
        }

        if (!Weights.Values.Any(weight => weight > 0))
        {
            yield return "Weights: none is above 0, so no fault could be made.";
        }
    }

    private static Dictionary<string, double> DefaultWeights { get; } = new()
    {
        [MutationOperators.Comparison] = 1.2,
        [MutationOperators.Arithmetic] = 0.8,
        [MutationOperators.Boolean] = 0.6,
        [MutationOperators.NegatedCondition] = 0.5,
        [MutationOperators.DroppedNegation] = 0.4,
        [MutationOperators.DroppedOperand] = 1.0,
        [MutationOperators.OffByOne] = 1.0,
        [MutationOperators.WrongConstant] = 0.8,
        [MutationOperators.WrongVariable] = 1.6,
        [MutationOperators.SwappedArguments] = 0.5,
        [MutationOperators.WrongMember] = 1.0,
        [MutationOperators.Counterpart] = 0.6,
        [MutationOperators.DroppedStatement] = 0.8,
        [MutationOperators.DroppedCheck] = 1.0,
        [MutationOperators.LoopExit] = 0.3,
        [MutationOperators.WrongReturn] = 0.4,
        [MutationOperators.EarlyReturn] = 0.3,
        [MutationOperators.SwappedStatements] = 0.4,
        [MutationOperators.Assignment] = 0.5,
        [MutationOperators.DroppedElse] = 0.2,
        [MutationOperators.DroppedAwait] = 0.2,
    };
}
