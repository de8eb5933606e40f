using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Apprentice.Compute;
using Apprentice.Data;
using Apprentice.Models;
using Apprentice.Training;

namespace Apprentice.Workspace;

/// <summary>Trains every arm of a recipe with every seed and predicts every test set. A finished stage is never trained again: it is found by the hash of all that went into it.</summary>
/// <typeparam name="TRow">A labelled row.</typeparam>
/// <typeparam name="TPrediction">A prediction for a row.</typeparam>
public sealed class ExperimentRunner<TRow, TPrediction>
    where TRow : class
{
    /// <summary>Part of every stage's hash; raised when a change of the code changes what training gives.</summary>
    private const string Revision = "1";

    private readonly Recipe _recipe;
    private readonly ExperimentTask<TRow, TPrediction> _task;
    private readonly RunFolder _folder;
    private readonly Workers _workers;
    private readonly IProgress<JobEvent> _events;
    private readonly string _base;

    /// <summary>A runner over a run folder.</summary>
    /// <param name="recipe">What to train.</param>
    /// <param name="task">Its task.</param>
    /// <param name="folder">Where everything is kept.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="events">Told about progress.</param>
    public ExperimentRunner(Recipe recipe, ExperimentTask<TRow, TPrediction> task, RunFolder folder, Workers workers, IProgress<JobEvent> events)
    {
        _recipe = recipe;
        _task = task;
        _folder = folder;
        _workers = workers;
        _events = events;
        _base = recipe.Base is "builtin" or "random" ? BuiltinModel.Folder : recipe.Base;
    }

    /// <summary>One arm trained with one seed.</summary>
    /// <param name="Arm">Name of the arm.</param>
    /// <param name="Seed">Seed.</param>
    /// <param name="Folder">Folder of the last stage: model, log and predictions.</param>
    /// <param name="Steps">Optimiser steps over all stages.</param>
    /// <param name="Rows">Training rows over all stages.</param>
    /// <param name="Losses">Loss of every step.</param>
    public sealed record Cell(string Arm, int Seed, string Folder, int Steps, int Rows, IReadOnlyList<double> Losses);

    /// <summary>Trains what is not trained yet.</summary>
    /// <param name="cancellationToken">Stops between two steps; the next run continues.</param>
    /// <returns>All cells, arms in the recipe's order.</returns>
    public async Task<List<Cell>> TrainAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, List<TRow>> data = [];
        foreach ((string name, List<DataPart> parts) in _recipe.Data)
        {
            data[name] = await ReadPartsAsync(parts, cancellationToken).ConfigureAwait(false);
        }

        if (_recipe.Generate is not null && _recipe.Arms.Any(arm => arm.Stages.Any(stage => stage.Data.Contains("generated"))))
        {
            if (!File.Exists(_folder.Generated))
            {
                throw new RecipeException($"{_folder.Generated} does not exist; run 'apprentice generate' with this recipe first.");
            }

            data["generated"] = await _task.ReadAsync(_folder.Generated, cancellationToken).ConfigureAwait(false);
        }

        List<TRow> valid = await ReadValidAsync(cancellationToken).ConfigureAwait(false);
        string baseHash = await BaseHashAsync(cancellationToken).ConfigureAwait(false);
        List<Cell> cells = [];
        foreach (ArmRecipe arm in _recipe.Arms)
        {
            foreach (int seed in _recipe.Seeds)
            {
                cells.Add(TrainArm(arm, seed, data, valid, baseHash, cancellationToken));
            }
        }

        return cells;
    }

    /// <summary>The rows that choices may look at.</summary>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<List<TRow>> ReadValidAsync(CancellationToken cancellationToken)
    {
        List<TRow> valid = [];
        foreach (string file in _recipe.Valid)
        {
            valid.AddRange(await _task.ReadAsync(file, cancellationToken).ConfigureAwait(false));
        }

        return valid;
    }

    /// <summary>Predicts a test set with a trained cell, unless that is done already.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="testName">Name of the set.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<IReadOnlyList<TPrediction>> PredictAsync(Cell cell, string testName, IReadOnlyList<TRow> rows, CancellationToken cancellationToken)
    {
        string hash = Hash(rows.Select(_task.Fingerprint))[..12];
        string path = Path.Combine(cell.Folder, $"predictions.{testName}.{hash}.jsonl");
        if (!File.Exists(path))
        {
            using TaskModel model = TaskModel.Load(Path.Combine(cell.Folder, "model"));
            await _task.WriteAsync(path, _task.Predict(model, rows, _workers), cancellationToken).ConfigureAwait(false);
        }

        return await _task.ReadPredictionsAsync(path, rows, cancellationToken).ConfigureAwait(false);
    }

    private Cell TrainArm(ArmRecipe arm, int seed, Dictionary<string, List<TRow>> data, List<TRow> valid, string baseHash, CancellationToken cancellationToken)
    {
        string key = Hash([Revision, baseHash, _recipe.Task, _recipe.CloneHead, seed.ToString(CultureInfo.InvariantCulture)]);
        string? previous = null;
        List<double> losses = [];
        int steps = 0;
        int rowCount = 0;
        string folder = "";
        foreach ((StageRecipe stage, int number) in arm.Stages.DefaultIfEmpty(new StageRecipe { Training = new TrainingRecipe { Steps = 0 } }).Select((stage, number) => (stage, number)))
        {
            TrainingRecipe training = stage.Training.Or(_recipe.Training);
            TrainerOptions options = training.ToOptions(seed);
            List<TRow> rows = [];
            foreach (string name in stage.Data)
            {
                rows.AddRange(stage.ShuffleLabels.Contains(name) ? _task.ShuffleLabels(data[name], new SeededRandom((ulong)seed)) : data[name]);
            }

            key = Hash([key, JsonSerializer.Serialize(options, WorkspaceJson.Default.TrainerOptions), JsonSerializer.Serialize(training, WorkspaceJson.Default.TrainingRecipe),
                .. rows.Select(_task.Fingerprint), options.ValidateEvery > 0 ? Hash(valid.Select(_task.Fingerprint)) : ""]);
            folder = _folder.Cell(key);
            steps += options.Steps;
            rowCount += rows.Count;
            string title = $"{arm.Name}, seed {seed}" + (arm.Stages.Count > 1 ? $", stage {number + 1} of {arm.Stages.Count}" : "");
            losses.AddRange(TrainStage(folder, previous, training, options, rows, valid, seed, title, cancellationToken));
            previous = folder;
        }

        return new Cell(arm.Name, seed, folder, steps, rowCount, losses);
    }

    private List<double> TrainStage(
        string folder, string? previous, TrainingRecipe training, TrainerOptions options, List<TRow> rows, List<TRow> valid, int seed, string title, CancellationToken cancellationToken)
    {
        string log = Path.Combine(folder, "losses.json");
        string modelFolder = Path.Combine(folder, "model");

        // The log is written last, so its presence says that the stage is whole.
        if (File.Exists(log))
        {
            return JsonSerializer.Deserialize(File.ReadAllText(log), WorkspaceJson.Default.ListDouble)!;
        }

        Directory.CreateDirectory(folder);
        TaskSettings settings = _task.Settings(_recipe, training);
        using TaskModel model = previous is not null ? TaskModel.Load(Path.Combine(previous, "model"))
            : _recipe.Base == "random" ? TaskModel.CreateRandom(RobertaConfig.Load(Path.Combine(_base, "config.json")), Tokenizers.ByteLevelBpe.Load(_base), settings, seed)
            : TaskModel.Create(_base, settings, seed);

        // A stage may set another window than the one before it.
        model.Settings = settings;
        List<double> losses = [];
        string lossesSoFar = Path.Combine(folder, "losses.partial");
        if (File.Exists(lossesSoFar))
        {
            losses.AddRange(File.ReadLines(lossesSoFar).Select(line => double.Parse(line, CultureInfo.InvariantCulture)));
        }

        if (options.Steps > 0)
        {
            model.FreezeLayers(training.FrozenLayers ?? 0);
            ITrainingTask task = _task.Training(model, rows, training, new SeededRandom((ulong)seed));
            Trainer trainer = new(model.Parameters, task, options, _workers);
            Func<double>? validate = valid.Count > 0 && options.ValidateEvery > 0 ? () => _task.Score(valid, _task.Predict(model, valid, _workers)) : null;
            double tokens = 0;
            double seconds = 0;
            using StreamWriter writer = new(lossesSoFar, append: true);
            foreach (TrainingStep step in trainer.Train(validate, Path.Combine(folder, "checkpoint.safetensors"), cancellationToken))
            {
                tokens += step.Tokens;
                seconds += step.Seconds;

                // A run that was killed repeats the steps since its last checkpoint; their losses are the same and are kept once.
                if (step.Step > losses.Count)
                {
                    losses.Add(step.Loss);
                    writer.WriteLine(step.Loss.ToString("R", CultureInfo.InvariantCulture));
                    writer.Flush();
                }

                _events.Report(new JobProgress(title, step.Step, step.Steps, $"loss {step.Loss:f3}, {tokens / Math.Max(seconds, 1e-9):n0} tokens/s"));
            }
        }

        model.Save(modelFolder);
        ParameterFile.WriteText(log, JsonSerializer.Serialize(losses, WorkspaceJson.Default.ListDouble));
        File.Delete(Path.Combine(folder, "checkpoint.safetensors"));
        File.Delete(lossesSoFar);
        return losses;
    }

    private async Task<List<TRow>> ReadPartsAsync(List<DataPart> parts, CancellationToken cancellationToken)
    {
        List<TRow> rows = [];
        foreach (DataPart part in parts)
        {
            List<TRow> all = await _task.ReadAsync(part.File, cancellationToken).ConfigureAwait(false);
            if (part.Count > all.Count)
            {
                throw new RecipeException($"{part.File} has {all.Count} rows; the recipe asks for {part.Count}.");
            }

            // The subset does not depend on the training seed: seeds measure the noise of training, not that of the sample.
            rows.AddRange(part.Count == 0 ? all : Splits.StratifiedSubset(all, part.Count, _task.Stratum, _task.Id, seed: 1));
        }

        return rows;
    }

    private async Task<string> BaseHashAsync(CancellationToken cancellationToken)
    {
        string weights = await DatasetHash.OfFileAsync(Path.Combine(_base, "model.safetensors"), cancellationToken).ConfigureAwait(false);
        string config = await DatasetHash.OfFileAsync(Path.Combine(_base, "config.json"), cancellationToken).ConfigureAwait(false);
        string tokenizer = await DatasetHash.OfFileAsync(Path.Combine(_base, "tokenizer.json"), cancellationToken).ConfigureAwait(false);
        return $"{(_recipe.Base == "random" ? "random" : weights)}/{config}/{tokenizer}";
    }

    private static string Hash(IEnumerable<string> parts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in parts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part));
            hash.AppendData([0]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
