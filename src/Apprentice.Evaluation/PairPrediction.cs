namespace Apprentice.Evaluation;

/// <summary>What a clone detector says about one pair of functions.</summary>
/// <param name="Id">Id of the pair in its data set.</param>
/// <param name="Score">Higher is more alike. Any scale, never NaN.</param>
public sealed record PairPrediction(string Id, double Score);
