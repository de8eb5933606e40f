using Apprentice.Compute;
using Apprentice.Evaluation;
using Apprentice.Training;

namespace Apprentice.Workspace;

/// <summary>What an experiment needs to know of a task: its rows, how to train on them, how to predict.</summary>
/// <typeparam name="TRow">A labelled row.</typeparam>
/// <typeparam name="TPrediction">A prediction for a row.</typeparam>
public abstract class ExperimentTask<TRow, TPrediction>
{
    /// <summary>Reads a data set file.</summary>
    /// <param name="path">File in the schema of docs/formats.md.</param>
    /// <param name="cancellationToken">Stops.</param>
    public abstract Task<List<TRow>> ReadAsync(string path, CancellationToken cancellationToken);

    /// <summary>The row's id and everything that training looks at, as text: two rows with equal text teach the same.</summary>
    /// <param name="row">A row.</param>
    public abstract string Fingerprint(TRow row);

    /// <summary>What a subset is stratified by: the language, or the pair of languages.</summary>
    /// <param name="row">A row.</param>
    public abstract string Stratum(TRow row);

    /// <summary>The row's id.</summary>
    /// <param name="row">A row.</param>
    public abstract string Id(TRow row);

    /// <summary>Rows with wrong labels drawn at random, for the shuffled control.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="random">Source of randomness.</param>
    public abstract List<TRow> ShuffleLabels(IReadOnlyList<TRow> rows, SeededRandom random);

    /// <summary>Settings of a new model.</summary>
    /// <param name="recipe">Gives task and head.</param>
    /// <param name="training">Gives the window's length.</param>
    public abstract TaskSettings Settings(Recipe recipe, TrainingRecipe training);

    /// <summary>The training task over rows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="training">Settings of the stage.</param>
    /// <param name="random">Source of randomness.</param>
    public abstract ITrainingTask Training(TaskModel model, IReadOnlyList<TRow> rows, TrainingRecipe training, SeededRandom random);

    /// <summary>Predictions in the order of the rows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="workers">Threads.</param>
    public abstract List<TPrediction> Predict(TaskModel model, IReadOnlyList<TRow> rows, Workers workers);

    /// <summary>Score on a validation split, higher is better, in the unit that the best step is chosen by.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="predictions">Predictions for them.</param>
    public abstract double Score(IReadOnlyList<TRow> rows, IReadOnlyList<TPrediction> predictions);

    /// <summary>The threshold with the best F1 on a validation split.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="predictions">Predictions for them.</param>
    public abstract double Threshold(IReadOnlyList<TRow> rows, IReadOnlyList<TPrediction> predictions);

    /// <summary>Scores the runs of one arm.</summary>
    /// <param name="rows">Test rows.</param>
    /// <param name="runs">Predictions of each seed.</param>
    /// <param name="options">Threshold and resampling.</param>
    public abstract EvaluationReport Report(IReadOnlyList<TRow> rows, IReadOnlyList<IReadOnlyList<TPrediction>> runs, EvaluationOptions options);

    /// <summary>Compares two arms, item by item.</summary>
    /// <param name="rows">Test rows.</param>
    /// <param name="first">Runs of the earlier arm.</param>
    /// <param name="second">Runs of the later arm.</param>
    /// <param name="firstOptions">The earlier arm's threshold.</param>
    /// <param name="secondOptions">The later arm's threshold.</param>
    public abstract ComparisonReport Compare(
        IReadOnlyList<TRow> rows, IReadOnlyList<IReadOnlyList<TPrediction>> first, IReadOnlyList<IReadOnlyList<TPrediction>> second, EvaluationOptions firstOptions, EvaluationOptions secondOptions);

    /// <summary>Scorers without a model, which every table carries.</summary>
    /// <param name="rows">Test rows.</param>
    public abstract IEnumerable<(string Name, IReadOnlyList<TPrediction> Predictions)> Baselines(IReadOnlyList<TRow> rows);

    /// <summary>The metrics that the report's charts show.</summary>
    public abstract IReadOnlyList<Metric> Headlines { get; }

    /// <summary>A few test items drawn with the models' scores; none when the task has nothing to draw.</summary>
    /// <param name="rows">Test rows.</param>
    /// <param name="models">Name and predictions of each model to show.</param>
    public virtual IReadOnlyList<HeatFunction> Pictures(IReadOnlyList<TRow> rows, IReadOnlyList<(string Name, IReadOnlyList<TPrediction> Predictions)> models) => [];

    /// <summary>Writes predictions.</summary>
    /// <param name="path">File.</param>
    /// <param name="predictions">Predictions.</param>
    /// <param name="cancellationToken">Stops.</param>
    public abstract Task WriteAsync(string path, IReadOnlyList<TPrediction> predictions, CancellationToken cancellationToken);

    /// <summary>Reads predictions and puts them into the order of the rows.</summary>
    /// <param name="path">File.</param>
    /// <param name="rows">Rows that each need one.</param>
    /// <param name="cancellationToken">Stops.</param>
    public abstract Task<IReadOnlyList<TPrediction>> ReadPredictionsAsync(string path, IReadOnlyList<TRow> rows, CancellationToken cancellationToken);

    /// <summary>The F1-best threshold over scored decisions; halfway between neighbouring scores, 0.5 when nothing is positive.</summary>
    /// <param name="decisions">Score and truth of each.</param>
    protected static double BestThreshold(IEnumerable<(double Score, bool Positive)> decisions)
    {
        (double Score, bool Positive)[] sorted = [.. decisions.OrderByDescending(item => item.Score)];
        int positives = sorted.Count(item => item.Positive);
        double best = 0;
        double threshold = 0.5;
        int found = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            found += sorted[i].Positive ? 1 : 0;
            if (i + 1 < sorted.Length && sorted[i + 1].Score == sorted[i].Score)
            {
                continue;
            }

            double f1 = 2.0 * found / (i + 1 + positives);
            if (f1 > best)
            {
                best = f1;
                threshold = i + 1 < sorted.Length ? (sorted[i].Score + sorted[i + 1].Score) / 2 : sorted[i].Score - 1e-6;
            }
        }

        return threshold;
    }
}
