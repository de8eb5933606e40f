using Apprentice.Compute;

namespace Apprentice.Workspace;

/// <summary>The steps of a recipe, each restartable alone: generate, train, evaluate.</summary>
public static class Steps
{
    /// <summary>Generates examples.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="options">The user's decisions.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="events">Told about progress.</param>
    /// <param name="cancellationToken">Stops; the same call continues.</param>
    public static Task<GenerateResult> GenerateAsync(
        Recipe recipe, RunFolder folder, GenerateRunOptions options, Workers workers, IProgress<JobEvent> events, CancellationToken cancellationToken = default) =>
        GenerateStep.RunAsync(recipe, folder, options, workers, events, cancellationToken);

    /// <summary>Trains every arm with every seed.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="events">Told about progress.</param>
    /// <param name="cancellationToken">Stops after a checkpoint; the same call continues.</param>
    /// <returns>Number of cells, that is arms times seeds.</returns>
    public static async Task<int> TrainAsync(Recipe recipe, RunFolder folder, Workers workers, IProgress<JobEvent> events, CancellationToken cancellationToken = default)
    {
        folder.Create();
        return recipe.Task == "clone-detection"
            ? (await new ExperimentRunner<Data.ClonePair, Evaluation.PairPrediction>(recipe, new CloneTask(), folder, workers, events).TrainAsync(cancellationToken).ConfigureAwait(false)).Count
            : (await new ExperimentRunner<Data.FaultExample, Evaluation.LinePrediction>(recipe, new FaultTask(), folder, workers, events).TrainAsync(cancellationToken).ConfigureAwait(false)).Count;
    }

    /// <summary>Predicts, compares and writes the report.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="events">Told about progress.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static Task<ExperimentResult> EvaluateAsync(Recipe recipe, RunFolder folder, Workers workers, IProgress<JobEvent> events, CancellationToken cancellationToken = default) =>
        recipe.Task == "clone-detection"
            ? EvaluateStep.RunAsync(recipe, new CloneTask(), folder, workers, events, cancellationToken)
            : EvaluateStep.RunAsync(recipe, new FaultTask(), folder, workers, events, cancellationToken);
}
