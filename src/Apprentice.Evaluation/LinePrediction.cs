namespace Apprentice.Evaluation;

/// <summary>What a fault localizer says about one function.</summary>
/// <param name="Id">Id of the function in its data set.</param>
/// <param name="LineScores">
/// One number for each line of the function's text split at <c>\n</c>, higher is more suspicious. Any scale; negative infinity for lines that cannot be
/// faulty, never NaN.
/// </param>
/// <param name="FaultProbability">How likely the function holds a fault at all, 0 to 1.</param>
public sealed record LinePrediction(string Id, double[] LineScores, double FaultProbability);
