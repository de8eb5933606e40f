using Apprentice.Compute;
using Apprentice.Models;

namespace Apprentice.Training;

/// <summary>Trains the parameters of a model on a task for a stated number of steps; can be interrupted and continued with the same result.</summary>
/// <remarks>
/// The batch and the dropout of a step are functions of the seed and the step's number alone, so a run that is continued from a checkpoint gives the same bits
/// as one that was never interrupted, and so does a run on another number of threads.
/// </remarks>
public sealed class Trainer
{
    private readonly ParameterSet _parameters;
    private readonly ITrainingTask _task;
    private readonly TrainerOptions _options;
    private readonly Workers _workers;
    private readonly TimeProvider _time;

    /// <summary>A trainer of one run.</summary>
    /// <param name="parameters">What is trained.</param>
    /// <param name="task">What is minimised.</param>
    /// <param name="options">Settings; must have no problems.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="time">Clock for rates and checkpoints. Default the system's.</param>
    /// <exception cref="ArgumentException">The options have problems, or the task has no items.</exception>
    public Trainer(ParameterSet parameters, ITrainingTask task, TrainerOptions options, Workers workers, TimeProvider? time = null)
    {
        string[] problems = [.. options.Problems()];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join("; ", problems), nameof(options));
        }

        if (task.Count == 0 && options.Steps > 0)
        {
            throw new ArgumentException("There is nothing to train on: the task has no items.", nameof(task));
        }

        _parameters = parameters;
        _task = task;
        _options = options;
        _workers = workers;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Largest memory of one step, in bytes, without parameters and optimiser.</summary>
    public long PeakActivationBytes { get; private set; }

    /// <summary>Takes the steps one by one. After the last one the parameters are those with the best validation score, when there was validation, else the last ones.</summary>
    /// <param name="validate">Scores the model as it is now on the validation split, higher is better; or null.</param>
    /// <param name="checkpointPath">File to continue from and to write to, or null. It is deleted by nobody; a finished one makes this method return at once with the finished model.</param>
    /// <param name="cancellationToken">Stops between two steps, after a checkpoint is written.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the checkpoint holds all steps taken.</exception>
    /// <exception cref="TrainingException">The checkpoint is of another training, or the loss is not finite.</exception>
    /// <exception cref="CheckpointException">The checkpoint is damaged.</exception>
    public IEnumerable<TrainingStep> Train(Func<double>? validate = null, string? checkpointPath = null, CancellationToken cancellationToken = default)
    {
        OptimiserOptions optimiserOptions = new() { WeightDecay = (float)_options.WeightDecay, MaximumGradientNorm = (float)_options.MaximumGradientNorm };
        using Optimiser optimiser = new(_parameters, optimiserOptions);
        using Tape tape = new(_workers) { Training = true };
        LearningRateSchedule schedule = new(_options.LearningRate, (int)Math.Ceiling(_options.WarmupShare * _options.Steps), _options.Steps);
        BestParameters best = new();
        TrainingCheckpoint.RemoveRemains(checkpointPath);
        if (checkpointPath is not null && File.Exists(checkpointPath))
        {
            TrainingCheckpoint.Load(checkpointPath, _options, _parameters, optimiser, best);
        }

        int[] order = [];
        int orderEpoch = -1;
        long lastSave = _time.GetTimestamp();
        while (optimiser.Steps < _options.Steps)
        {
            int step = optimiser.Steps;
            if (cancellationToken.IsCancellationRequested)
            {
                Save(checkpointPath, optimiser, best);
                cancellationToken.ThrowIfCancellationRequested();
            }

            long started = _time.GetTimestamp();
            int[] items = new int[_options.BatchSize];
            for (int i = 0; i < items.Length; i++)
            {
                long position = ((long)step * items.Length) + i;
                int epoch = (int)(position / _task.Count);
                if (epoch != orderEpoch)
                {
                    order = [.. Enumerable.Range(0, _task.Count)];
                    new SeededRandom(Mix(_options.Seed, 0x5EED, epoch)).Shuffle(order.AsSpan());
                    orderEpoch = epoch;
                }

                items[i] = order[position % _task.Count];
            }

            tape.Reset();
            tape.DropoutSeed = Mix(_options.Seed, 0xD409, step);
            _parameters.ClearGradients();
            (Tensor loss, int tokens) = _task.Loss(tape, items, new SeededRandom(Mix(_options.Seed, 0x17E5, step)));
            double lossValue = loss.Span[0];
            if (!double.IsFinite(lossValue))
            {
                throw new TrainingException($"Step {step + 1}: the loss is {lossValue}. Is the learning rate {_options.LearningRate} too high?");
            }

            tape.Backward(loss);
            double rate = schedule.At(step);
            double norm = optimiser.Step(_workers, rate);
            PeakActivationBytes = tape.PeakBytes;
            double? score = null;
            if (validate is not null && _options.ValidateEvery > 0 && (optimiser.Steps % _options.ValidateEvery == 0 || optimiser.Steps == _options.Steps))
            {
                score = validate();
                best.Offer(_parameters, score.Value, optimiser.Steps);
            }

            // Told before it is saved: whoever notes the losses then has noted every step that a checkpoint holds, whenever the process dies.
            yield return new TrainingStep(optimiser.Steps, _options.Steps, lossValue, norm, rate, tokens, _time.GetElapsedTime(started).TotalSeconds, score);
            if (optimiser.Steps == _options.Steps || _time.GetElapsedTime(lastSave).TotalSeconds >= _options.CheckpointSeconds)
            {
                Save(checkpointPath, optimiser, best);
                lastSave = _time.GetTimestamp();
            }
        }

        best.Restore(_parameters);
    }

    private void Save(string? path, Optimiser optimiser, BestParameters best)
    {
        if (path is not null)
        {
            TrainingCheckpoint.Save(path, _options, _parameters, optimiser, best);
        }
    }

    /// <summary>A seed from several numbers (SplitMix64's finaliser over each in turn).</summary>
    internal static ulong Mix(int seed, int purpose, int number)
    {
        ulong state = 0;
        foreach (int part in (ReadOnlySpan<int>)[seed, purpose, number])
        {
            state += 0x9E3779B97F4A7C15UL + unchecked((uint)part);
            state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9UL;
            state = (state ^ (state >> 27)) * 0x94D049BB133111EBUL;
            state ^= state >> 31;
        }

        return state;
    }
}

/// <summary>The parameters with the best validation score so far.</summary>
internal sealed class BestParameters
{
    public float[][]? Values { get; set; }

    public double Score { get; set; } = double.NegativeInfinity;

    public int Step { get; set; }

    public void Offer(ParameterSet parameters, double score, int step)
    {
        if (score > Score)
        {
            (Score, Step) = (score, step);
            Values = [.. parameters.Parameters.Select(parameter => parameter.Values.ToArray())];
        }
    }

    public void Restore(ParameterSet parameters)
    {
        for (int i = 0; Values is not null && i < Values.Length; i++)
        {
            Values[i].CopyTo(parameters.Parameters[i].Values);
        }
    }
}
