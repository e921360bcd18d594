create table if not exists marks (exam text, student text, points integer, primary key (exam, student));

insert into marks
    select :exam, student, points::integer
    from rows from (json_array_elements_text(:students::json), json_array_elements_text(:points::json)) as t (student, points)
    on conflict (exam, student) do update set points = excluded.points;

select coalesce(avg(points) filter (where points >= 0), 0)::float as average,
       count(*) filter (where points < 0) as odd
from marks where exam = :exam;
