namespace Apprentice.Code;

/// <summary>Which lines of a faulty text a fix touches.</summary>
/// <param name="Lines">1-based line numbers of the faulty text split at <c>\n</c>, ascending; empty when the two texts do not differ.</param>
/// <param name="Insertion">True when the fix only adds lines; <paramref name="Lines"/> then name the places before which code is missing.</param>
/// <param name="ChangedLines">Lines that the fix removes plus lines that it adds, blank and comment lines not counted: the paper's LC.</param>
public sealed record FaultLabels(IReadOnlyList<int> Lines, bool Insertion, int ChangedLines);
