namespace Apprentice.Data;

/// <summary>What a generator returned for one request: an answer on its way to become an example.</summary>
public sealed record Candidate
{
    /// <summary>Unique in the ledger and stable over reruns, for example derived from request hash and place in the answer.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the run that made it.</summary>
    public required string Run { get; init; }

    /// <summary>What it is to become: <c>fault</c> or <c>clone</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Id of the seed function or specification it was made from.</summary>
    public required string ParentId { get; init; }

    /// <summary>Hash of the request that asked for it.</summary>
    public required string RequestHash { get; init; }

    /// <summary>Name of the language model that was asked.</summary>
    public string Model { get; init; } = "";

    /// <summary>Language name, for example <c>csharp</c>.</summary>
    public string Language { get; init; } = "";

    /// <summary>Its code, or null when the answer held none.</summary>
    public string? Code { get; init; }
}

/// <summary>The steps that a candidate passes on its way into the data set, in order.</summary>
public enum FunnelStage
{
    /// <summary>The answer holds code of the wanted language.</summary>
    Parsed = 1,

    /// <summary>The code compiles (where a compiler is at hand).</summary>
    Compiled = 2,

    /// <summary>It is what was asked for: tests fail or pass as they must, the label is clear.</summary>
    Validated = 3,

    /// <summary>It repeats no other candidate, no real example and nothing of a test set.</summary>
    Unique = 4,

    /// <summary>It was chosen for training.</summary>
    Selected = 5,
}

/// <summary>One check's answer on a candidate: kept, or dropped with a reason.</summary>
/// <param name="CandidateId">The candidate.</param>
/// <param name="Check">Name of the check, unique for the candidate, for example <c>compile</c>.</param>
/// <param name="Stage">The step of the funnel that the check belongs to.</param>
/// <param name="Kept">Whether the candidate goes on.</param>
/// <param name="Reason">Why it was dropped, or a remark; may be null for a kept one.</param>
public sealed record Verdict(string CandidateId, string Check, FunnelStage Stage, bool Kept, string? Reason = null)
{
    /// <summary>Place among the candidate's checks of one stage. Default 0.</summary>
    public int Order { get; init; }

    /// <summary>A verdict that lets the candidate go on.</summary>
    /// <param name="candidate">The candidate.</param>
    /// <param name="check">Name of the check.</param>
    /// <param name="stage">Step of the funnel.</param>
    public static Verdict Keep(Candidate candidate, string check, FunnelStage stage)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        return new Verdict(candidate.Id, check, stage, Kept: true);
    }

    /// <summary>A verdict that ends the candidate's way.</summary>
    /// <param name="candidate">The candidate.</param>
    /// <param name="check">Name of the check.</param>
    /// <param name="stage">Step of the funnel.</param>
    /// <param name="reason">Why, as a short sentence.</param>
    public static Verdict Drop(Candidate candidate, string check, FunnelStage stage, string reason)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new Verdict(candidate.Id, check, stage, Kept: false, reason);
    }
}
