namespace Apprentice.Code;

/// <summary>A function with one fault made by rule.</summary>
/// <param name="Code">The faulty text.</param>
/// <param name="FaultyLines">1-based lines of the fault, as <see cref="LineDiff"/> labels them against the correct text.</param>
/// <param name="Operator">One of the names in <see cref="MutationOperators"/>.</param>
public sealed record Mutation(string Code, IReadOnlyList<int> FaultyLines, string Operator)
{
    /// <summary>True when the correction only adds lines.</summary>
    public bool Insertion { get; init; }
}
